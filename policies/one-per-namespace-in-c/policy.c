/* A grouping policy in C: one load balancer for each namespace, as policies/one-per-namespace decides in Rust.
 *
 * `grouping_policy.h` is what `wit-bindgen c` makes of the contract in wit/. Allocated memory belongs to the bindings once it is
 * in an answer: they free it when the host has read the answer. */

#include "gen/grouping_policy.h"

#include <stdlib.h>
#include <string.h>

typedef grouping_policy_string_t string_t;
typedef albatross_planner_policy_types_member_group_t group_t;

/* What the host reports when the policy traps is the text after the marker (policies/README.md). It is volatile since nothing in
 * the policy reads it. */
#define MARKER "albatross-panic-message:"
static volatile char panic_message[sizeof MARKER + 1024] = MARKER;

/* Ends the policy, which then has no answer: the host reports the text, and members stay where they are. */
static _Noreturn void panic(const char *text) {
    volatile char *place = panic_message + sizeof MARKER - 1;
    while (*text != 0 && place < panic_message + sizeof panic_message - 1) *place++ = *text++;
    __builtin_trap();
}

/* Makes room for a number of items. */
static void *allocate(void *before, size_t count, size_t size) {
    void *memory = realloc(before, (count == 0 ? 1 : count) * size);
    if (memory == NULL) panic("there is no memory for the answer");
    return memory;
}

static bool is_same(const string_t *left, const string_t *right) {
    return left->len == right->len && memcmp(left->ptr, right->ptr, left->len) == 0;
}

/* The text `before NAMESPACE after`. */
static string_t text(const char *before, const string_t *namespace, const char *after) {
    string_t text = { .len = strlen(before) + namespace->len + strlen(after) };
    text.ptr = allocate(NULL, text.len, 1);
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

/* The group of a namespace, which is added if it is not there yet. */
static group_t *group_of(const string_t *namespace, albatross_planner_policy_types_list_member_group_t *groups) {
    for (size_t index = 0; index < groups->len; index++) {
        if (is_same(namespace, &groups->ptr[index].key)) return &groups->ptr[index];
    }
    group_t *group = &groups->ptr[groups->len++];
    *group = (group_t){
        .key = text("", namespace, ""),
        .reason = text("namespace ", namespace, " has its own load balancers"),
    };
    return group;
}

/* There is room for 1, 2, 4, 8 and so on members: more is needed when their number is a power of two, or zero. */
static void add(group_t *group, uint32_t member) {
    grouping_policy_list_u32_t *members = &group->members;
    if ((members->len & (members->len - 1)) == 0) {
        members->ptr = allocate(members->ptr, members->len * 2, sizeof(uint32_t));
    }
    members->ptr[members->len++] = member;
}

bool exports_albatross_planner_grouping_group(
    exports_albatross_planner_grouping_grouping_input_t *question,
    exports_albatross_planner_grouping_grouping_answer_t *answer,
    exports_albatross_planner_grouping_policy_error_t *error) {
    (void)error;
    size_t count = question->members.len;
    memset(answer, 0, sizeof *answer);
    answer->groups.ptr = allocate(NULL, count, sizeof(group_t));
    for (size_t index = 0; index < count; index++) {
        add(group_of(&question->members.ptr[index].object.namespace_, &answer->groups), (uint32_t)index);
    }
    return true;
}
