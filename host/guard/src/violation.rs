//! The verdict of the guard: the rules that a plan breaks, each with the action that breaks it.

use std::fmt;

use albatross_contract::Action;

/// A rule that every plan must keep. The set is closed: a new rule needs a new version of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Ids of actions and what they depend on.
    Form,
    /// What actions refer to.
    Reference,
    /// One outcome for each Ingress and RouteGroup.
    Outcome,
    /// The identity of cluster and controller.
    Identity,
    /// Resources of a restored or copied cluster.
    ClusterUid,
    /// Which resources may be changed.
    Ownership,
    /// Tags that creates set and that stay.
    OwnershipTags,
    /// Which load balancers are adopted or forgotten.
    Handover,
    /// Names of created resources.
    Name,
    /// What must be known before something is done.
    Completeness,
    /// Marks of unneeded resources.
    Mark,
    /// How long a load balancer is unneeded before it is deleted.
    DeletionGrace,
    /// Statuses that name a resource to be deleted.
    DeletionPublished,
    /// Protection from deletion.
    DeletionProtected,
    /// Target groups and security groups in use.
    DeletionInUse,
    /// Default certificates.
    CertificateDefault,
    /// How long a certificate is unneeded before it is removed.
    CertificateGrace,
    /// Certificates that an Ingress needs.
    CertificateNeeded,
    /// How long a listener rule is unneeded before it is removed.
    RuleGrace,
    /// Listener rules that an Ingress needs.
    RuleNeeded,
    /// Priorities of the listener rules of others.
    RulePriority,
    /// Attributes of listeners.
    ListenerAttributeAsked,
    /// Which web ACL a load balancer has.
    WebAclAsked,
    /// For whom load balancers change.
    MemberKnown,
    /// What a load balancer of a kind can have.
    Kind,
    /// Load balancers without HTTPS.
    HttpOnly,
    /// In which zones a Network Load Balancer stays.
    NetworkZone,
    /// Rules of security groups that a load balancer needs.
    SecurityGroupRuleNeeded,
    /// Which records may be changed.
    RecordOwnership,
    /// Where records point.
    RecordTarget,
    /// Records that an Ingress needs.
    RecordNeeded,
    /// The budget for released Ingresses.
    BudgetRelease,
    /// The budget for unneeded certificates.
    BudgetUnneededCertificates,
    /// The budget for unneeded rules.
    BudgetUnneededRules,
    /// The budget for unneeded load balancers.
    BudgetUnneededLoadBalancers,
    /// The budget for unneeded records.
    BudgetUnneededRecords,
    /// The budget for published names.
    BudgetNameChanges,
    /// The budget for running targets.
    BudgetTargets,
    /// Where requests are sent.
    Forwarding,
    /// Where HTTP requests are redirected.
    RedirectTarget,
    /// Which Pods become ready.
    ReadinessGate,
    /// What a status may become.
    StatusPublish,
    /// Which status may be emptied.
    StatusWithdraw,
}

impl Rule {
    /// All rules, in the order in which they are documented.
    pub const ALL: [Rule; 43] = [
        Rule::Form,
        Rule::Reference,
        Rule::Outcome,
        Rule::Identity,
        Rule::ClusterUid,
        Rule::Ownership,
        Rule::OwnershipTags,
        Rule::Handover,
        Rule::Name,
        Rule::Completeness,
        Rule::Mark,
        Rule::DeletionGrace,
        Rule::DeletionPublished,
        Rule::DeletionProtected,
        Rule::DeletionInUse,
        Rule::CertificateDefault,
        Rule::CertificateGrace,
        Rule::CertificateNeeded,
        Rule::RuleGrace,
        Rule::RuleNeeded,
        Rule::RulePriority,
        Rule::ListenerAttributeAsked,
        Rule::WebAclAsked,
        Rule::MemberKnown,
        Rule::Kind,
        Rule::HttpOnly,
        Rule::NetworkZone,
        Rule::SecurityGroupRuleNeeded,
        Rule::RecordOwnership,
        Rule::RecordTarget,
        Rule::RecordNeeded,
        Rule::BudgetRelease,
        Rule::BudgetUnneededCertificates,
        Rule::BudgetUnneededRules,
        Rule::BudgetUnneededLoadBalancers,
        Rule::BudgetUnneededRecords,
        Rule::BudgetNameChanges,
        Rule::BudgetTargets,
        Rule::Forwarding,
        Rule::RedirectTarget,
        Rule::ReadinessGate,
        Rule::StatusPublish,
        Rule::StatusWithdraw,
    ];

    /// Its name: kebab case, for people and for programs.
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// What it requires, in one sentence.
    pub const fn sentence(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Rule::Form => {
                ("form", "Action ids are unique and not empty, and an action depends on earlier ones only.")
            }
            Rule::Reference => (
                "reference",
                "A resource that an action names is in the inventory and of the right kind, or created by an action that it depends on.",
            ),
            Rule::Outcome => (
                "outcome",
                "Every Ingress and RouteGroup of the snapshot has exactly one outcome, and its load balancer exists or is created.",
            ),
            Rule::Identity => (
                "identity",
                "Nothing is written before the cluster id, cluster uid and controller id are known.",
            ),
            Rule::ClusterUid => (
                "cluster-uid",
                "Nothing is written while resources carry the uid of another cluster and nobody has allowed to take them over.",
            ),
            Rule::Ownership => (
                "ownership",
                "Only resources that carry all our tags in the inventory are changed or deleted.",
            ),
            Rule::OwnershipTags => (
                "ownership-tags",
                "Creates set our tags in the same call, and no plan changes or removes them, or removes tags of others.",
            ),
            Rule::Handover => (
                "handover",
                "A load balancer becomes ours, or is ours no longer, only if a person names it, in a plan that does nothing else, or if its last member retained it.",
            ),
            Rule::Name => (
                "name",
                "A created resource has a name that begins with `albatross-` and that no other resource has.",
            ),
            Rule::Completeness => (
                "completeness",
                "Nothing is done while a part of the view that it needs is missing or frozen.",
            ),
            Rule::Mark => (
                "mark",
                "A mark of an unneeded resource carries the time of planning or a later time, and nobody needs the resource.",
            ),
            Rule::DeletionGrace => (
                "deletion-grace",
                "A load balancer is deleted only a grace period after it was marked as unneeded.",
            ),
            Rule::DeletionPublished => (
                "deletion-published",
                "No load balancer is deleted that a status names or on which the plan places a member.",
            ),
            Rule::DeletionProtected => {
                ("deletion-protected", "Deletion protection that somebody else turned on is respected.")
            }
            Rule::DeletionInUse => {
                ("deletion-in-use", "No resource is deleted that another resource still uses.")
            }
            Rule::CertificateDefault => {
                ("certificate-default", "The default certificate of a listener is replaced, never removed.")
            }
            Rule::CertificateGrace => (
                "certificate-grace",
                "A certificate is removed only a grace period after it was marked, or at the limit to make room for another.",
            ),
            Rule::CertificateNeeded => (
                "certificate-needed",
                "After the plan every host's certificate is on its load balancer, and a certificate stays until another covers its hosts.",
            ),
            Rule::RuleGrace => (
                "rule-grace",
                "A listener rule is removed only a grace period after it was marked, or when its Ingress is gone or another rule takes over.",
            ),
            Rule::RuleNeeded => (
                "rule-needed",
                "An Ingress that stays keeps a listener rule on its load balancer for everything that it asks for.",
            ),
            Rule::RulePriority => {
                ("rule-priority", "No listener rule takes the priority of a rule that is not ours.")
            }
            Rule::ListenerAttributeAsked => (
                "listener-attribute-asked",
                "An attribute of a listener gets only a value that an Ingress of its load balancer asks for, and only if the present value is known.",
            ),
            Rule::WebAclAsked => (
                "web-acl-asked",
                "A load balancer gets only a web ACL that one of its members names, or none if one of them says so, and only if the present web ACL is known.",
            ),
            Rule::MemberKnown => (
                "member-known",
                "What the members of a load balancer in proxy mode agree on changes only if one of them is known.",
            ),
            Rule::Kind => (
                "kind",
                "A load balancer gets only listeners, rules, attributes, security groups and a web ACL that its kind can have.",
            ),
            Rule::HttpOnly => (
                "http-only",
                "Whether a load balancer serves HTTP only is decided when it is created, and it then gets no listener with certificates.",
            ),
            Rule::NetworkZone => (
                "network-zone",
                "A Network Load Balancer with a healthy target leaves no zone unless a target in the other zones is healthy.",
            ),
            Rule::SecurityGroupRuleNeeded => (
                "security-group-rule-needed",
                "A load balancer that stays keeps a rule for each port on which it listens, and its targets keep rules that admit it.",
            ),
            Rule::RecordOwnership => (
                "record-ownership",
                "Only records are changed whose host is free or has our ownership record, in the hosted zones of the settings.",
            ),
            Rule::RecordTarget => (
                "record-target",
                "A record points only to a load balancer of ours that the status of an Ingress with its host names after the plan.",
            ),
            Rule::RecordNeeded => (
                "record-needed",
                "No record is deleted to whose load balancer the status of an Ingress with its host points, or which may still serve one.",
            ),
            Rule::BudgetRelease => {
                ("budget-release", "Only a few members that still exist are released in one plan.")
            }
            Rule::BudgetUnneededCertificates => {
                ("budget-unneeded-certificates", "Only a few certificates become unneeded in one plan.")
            }
            Rule::BudgetUnneededRules => {
                ("budget-unneeded-rules", "Only a few listener rules become unneeded in one plan.")
            }
            Rule::BudgetUnneededLoadBalancers => {
                ("budget-unneeded-load-balancers", "Only a few load balancers become unneeded in one plan.")
            }
            Rule::BudgetUnneededRecords => {
                ("budget-unneeded-records", "Only the records of a few hosts become unneeded in one plan.")
            }
            Rule::BudgetNameChanges => (
                "budget-name-changes",
                "Only a few published names change in one plan although their members do not ask for it.",
            ),
            Rule::BudgetTargets => (
                "budget-targets",
                "Of the running targets of a target group at most half leave, and only when all that stay are healthy.",
            ),
            Rule::Forwarding => (
                "forwarding",
                "Requests are sent to another target group only when that target group has a healthy target.",
            ),
            Rule::RedirectTarget => (
                "redirect-target",
                "A listener begins to redirect to HTTPS only if its load balancer has an HTTPS listener on that port, or gets it before.",
            ),
            Rule::ReadinessGate => (
                "readiness-gate",
                "A Pod becomes ready only if it waits for nothing but the readiness gate, everything is known, it is healthy in a target group or in none, and the plan does not register it.",
            ),
            Rule::StatusPublish => (
                "status-publish",
                "A status names only an active load balancer of ours that has the targets of the member, and its certificates unless it asks for HTTP only.",
            ),
            Rule::StatusWithdraw => (
                "status-withdraw",
                "A status is emptied only if it names a load balancer of ours and the member is released.",
            ),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Id of the action that breaks it. Absent: no single action does.
    pub action: Option<String>,
    /// The rule.
    pub rule: Rule,
    /// What is wrong and where, and how a person can allow it if that is possible.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Some(action) => {
                write!(formatter, "action {action} breaks the rule {}: {}", self.rule, self.message)
            }
            None => write!(formatter, "the rule {} is broken: {}", self.rule, self.message),
        }
    }
}

/// The refusal of a whole plan: a defect of the planner that made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the guard refuses the plan, and nothing of it is executed: {}", listed(violations))]
pub struct Refusal {
    /// All violations, never empty: first those of actions, in the order of the plan, then those of the plan as a whole.
    pub violations: Vec<Violation>,
}

fn listed(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Collects violations in whatever order the rules find them.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<(Option<usize>, Violation)>,
}

impl Findings {
    /// Notes that an action, at `index` in the plan, breaks a rule.
    pub(crate) fn action(&mut self, index: usize, action: &Action, rule: Rule, message: String) {
        self.list.push((Some(index), Violation { action: Some(action.id.clone()), rule, message }));
    }

    /// Notes that the plan as a whole breaks a rule.
    pub(crate) fn plan(&mut self, rule: Rule, message: String) {
        self.list.push((None, Violation { action: None, rule, message }));
    }

    /// The verdict.
    pub(crate) fn verdict(mut self) -> Result<(), Refusal> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list.sort_by_key(|(index, violation)| (index.unwrap_or(usize::MAX), violation.rule));
        Err(Refusal { violations: self.list.into_iter().map(|(_, violation)| violation).collect() })
    }
}
