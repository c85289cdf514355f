/* A grouping policy in C: one load balancer for each namespace, as policies/one-per-namespace decides in Rust.
 *
 * `grouping_policy.h` is what `wit-bindgen c` makes of the contract in wit/. Allocated memory belongs to the bindings once it is
 * in an answer: they free it when the host has read the answer. */

#include "gen/grouping_policy.h"

#include <stdlib.h>
#include <string.h>

typedef grouping_policy_string_t string_t;
typedef albatross_planner_policy_types_grouping_member_t member_t;
typedef albatross_planner_policy_types_member_group_t group_t;

/* Without memory there is no answer: the host reports the trap and places members as it did before. */
static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) __builtin_trap();
    return memory;
}

static bool is_same(const string_t *left, const string_t *right) {
    return left->len == right->len && memcmp(left->ptr, right->ptr, left->len) == 0;
}

static const string_t *namespace_of(const member_t *member) {
    return &member->object.namespace_;
}

/* The text `before NAMESPACE after`. */
static string_t text(const char *before, const string_t *namespace, const char *after) {
    string_t text = { .len = strlen(before) + namespace->len + strlen(after) };
    text.ptr = allocate(text.len, 1);
    memcpy(text.ptr, before, strlen(before));
    memcpy(text.ptr + strlen(before), namespace->ptr, namespace->len);
    memcpy(text.ptr + strlen(before) + namespace->len, after, strlen(after));
    return text;
}

void exports_albatross_planner_policy_describe(exports_albatross_planner_policy_policy_description_t *answer) {
    memset(answer, 0, sizeof *answer);
    grouping_policy_string_dup(&answer->name, "one-per-namespace-in-c");
    grouping_policy_string_dup(&answer->version, "0.1.0");
    grouping_policy_string_dup(&answer->summary, "One load balancer for each namespace.");
}

bool exports_albatross_planner_policy_validate_settings(
    string_t *settings, exports_albatross_planner_policy_policy_error_t *error) {
    if (settings->len == 0) return true;
    grouping_policy_string_dup(&error->message, "the policy has no settings: leave them empty");
    return false;
}

/* The members come in the order of their namespaces, so that those of a namespace are next to each other. */
bool exports_albatross_planner_grouping_group(
    exports_albatross_planner_grouping_grouping_input_t *question,
    exports_albatross_planner_grouping_grouping_answer_t *answer,
    exports_albatross_planner_grouping_policy_error_t *error) {
    (void)error;
    const member_t *members = question->members.ptr;
    size_t count = question->members.len;
    memset(answer, 0, sizeof *answer);
    answer->groups.ptr = allocate(count, sizeof(group_t));
    for (size_t index = 0; index < count; index++) {
        const string_t *namespace = namespace_of(&members[index]);
        bool is_first = index == 0 || !is_same(namespace, namespace_of(&members[index - 1]));
        if (is_first) {
            answer->groups.ptr[answer->groups.len++] = (group_t){
                .key = text("", namespace, ""),
                .members.ptr = allocate(count - index, sizeof(uint32_t)),
                .reason = text("namespace ", namespace, " has its own load balancers"),
            };
        }
        group_t *group = &answer->groups.ptr[answer->groups.len - 1];
        group->members.ptr[group->members.len++] = (uint32_t)index;
    }
    return true;
}
