//! What the guard answers: the rules that a plan breaks, each with the action that breaks it.

use std::fmt;

use albatross_contract::Action;

/// A rule that every plan keeps. The set is closed: a new rule is a new version of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Ids of actions and what they depend on.
    Form,
    /// What actions refer to.
    Reference,
    /// One outcome for each Ingress.
    Outcome,
    /// Who the controller is.
    Identity,
    /// Resources of a restored or copied cluster.
    ClusterUid,
    /// What may be changed.
    Ownership,
    /// Tags that creates carry and that stay.
    OwnershipTags,
    /// Names of what is created.
    Name,
    /// What must be known before something is done.
    Completeness,
    /// Marks of what is unneeded.
    Mark,
    /// How long something was unneeded before it goes.
    DeletionGrace,
    /// Statuses that name what goes.
    DeletionPublished,
    /// Protection from deletion.
    DeletionProtected,
    /// Target groups and security groups in use.
    DeletionInUse,
    /// Default certificates.
    CertificateDefault,
    /// How long a certificate was unneeded before it goes.
    CertificateGrace,
    /// Certificates that somebody needs.
    CertificateNeeded,
    /// How long a listener rule was unneeded before it goes.
    RuleGrace,
    /// Listener rules that somebody needs.
    RuleNeeded,
    /// Priorities of the listener rules of others.
    RulePriority,
    /// The budget for released Ingresses.
    BudgetRelease,
    /// The budget for unneeded certificates.
    BudgetUnneededCertificates,
    /// The budget for unneeded rules.
    BudgetUnneededRules,
    /// The budget for unneeded load balancers.
    BudgetUnneededLoadBalancers,
    /// The budget for published names.
    BudgetNameChanges,
    /// The budget for running targets.
    BudgetTargets,
    /// Where requests are sent.
    Forwarding,
    /// What a status may become.
    StatusPublish,
    /// Which status may be emptied.
    StatusWithdraw,
}

impl Rule {
    /// All rules, in the order in which they are documented.
    pub const ALL: [Rule; 29] = [
        Rule::Form,
        Rule::Reference,
        Rule::Outcome,
        Rule::Identity,
        Rule::ClusterUid,
        Rule::Ownership,
        Rule::OwnershipTags,
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
        Rule::BudgetRelease,
        Rule::BudgetUnneededCertificates,
        Rule::BudgetUnneededRules,
        Rule::BudgetUnneededLoadBalancers,
        Rule::BudgetNameChanges,
        Rule::BudgetTargets,
        Rule::Forwarding,
        Rule::StatusPublish,
        Rule::StatusWithdraw,
    ];

    /// Its name: kebab case, for people and for programs.
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// What it asks, in one sentence.
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
                "What an action names is in the inventory and of the right kind, or made by an action that it depends on.",
            ),
            Rule::Outcome => (
                "outcome",
                "Every Ingress of the snapshot has exactly one outcome, and its load balancer exists or is made.",
            ),
            Rule::Identity => {
                ("identity", "Nothing is written before cluster id, cluster uid and controller id are known.")
            }
            Rule::ClusterUid => (
                "cluster-uid",
                "Nothing is written while resources carry the uid of another cluster that nobody takes over.",
            ),
            Rule::Ownership => {
                ("ownership", "Only what carries all our tags in the inventory is changed or deleted.")
            }
            Rule::OwnershipTags => (
                "ownership-tags",
                "Creates carry our tags in the same call, and no plan rewrites or removes them or tags of others.",
            ),
            Rule::Name => (
                "name",
                "What is created has a name that begins with `albatross-` and that nobody has taken.",
            ),
            Rule::Completeness => (
                "completeness",
                "Nothing is done while a part of the view that it needs is missing or frozen.",
            ),
            Rule::Mark => (
                "mark",
                "A mark of what is unneeded carries the time of planning or a later one, and nobody needs what it marks.",
            ),
            Rule::DeletionGrace => (
                "deletion-grace",
                "A load balancer is deleted only one grace after it was marked as unneeded.",
            ),
            Rule::DeletionPublished => {
                ("deletion-published", "Nothing that a status names or a member is placed on is deleted.")
            }
            Rule::DeletionProtected => {
                ("deletion-protected", "Protection from deletion that somebody else set is respected.")
            }
            Rule::DeletionInUse => ("deletion-in-use", "What something else still uses is not deleted."),
            Rule::CertificateDefault => {
                ("certificate-default", "The default certificate of a listener is replaced, never removed.")
            }
            Rule::CertificateGrace => (
                "certificate-grace",
                "A certificate leaves a listener only one grace after it was marked, or at the limit for another one.",
            ),
            Rule::CertificateNeeded => (
                "certificate-needed",
                "After the plan every host's certificate is on its load balancer, and it stays until another covers its hosts.",
            ),
            Rule::RuleGrace => (
                "rule-grace",
                "A listener rule goes only one grace after it was marked, or when its Ingress is gone or another rule takes over.",
            ),
            Rule::RuleNeeded => (
                "rule-needed",
                "What an Ingress that stays asks for keeps a listener rule on its load balancer.",
            ),
            Rule::RulePriority => {
                ("rule-priority", "No listener rule takes the priority that a rule of somebody else has.")
            }
            Rule::BudgetRelease => {
                ("budget-release", "Only few Ingresses that still exist are released in one plan.")
            }
            Rule::BudgetUnneededCertificates => {
                ("budget-unneeded-certificates", "Only few certificates become unneeded in one plan.")
            }
            Rule::BudgetUnneededRules => {
                ("budget-unneeded-rules", "Only few listener rules become unneeded in one plan.")
            }
            Rule::BudgetUnneededLoadBalancers => {
                ("budget-unneeded-load-balancers", "Only few load balancers become unneeded in one plan.")
            }
            Rule::BudgetNameChanges => (
                "budget-name-changes",
                "Only few published names change in one plan without their Ingress asking for it.",
            ),
            Rule::BudgetTargets => (
                "budget-targets",
                "Of the running targets of a target group at most half leave, and only when all that stay are healthy.",
            ),
            Rule::Forwarding => (
                "forwarding",
                "Requests are sent to another target group only when that has a healthy target.",
            ),
            Rule::StatusPublish => (
                "status-publish",
                "A status names only an active load balancer of ours that has the certificates and targets of the Ingress.",
            ),
            Rule::StatusWithdraw => {
                ("status-withdraw", "Only the status of a released Ingress that names us is emptied.")
            }
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
    /// What, where and, where a person can allow it, how.
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
#[error("the guard refuses the plan, nothing of it is executed: {}", listed(violations))]
pub struct Refusal {
    /// All that is wrong with it, never empty: first by action in the order of the plan, then what concerns no single
    /// action.
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
    /// An action, which stands at `index` in the plan, breaks a rule.
    pub(crate) fn action(&mut self, index: usize, action: &Action, rule: Rule, message: String) {
        self.list.push((Some(index), Violation { action: Some(action.id.clone()), rule, message }));
    }

    /// The plan as a whole breaks a rule.
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
