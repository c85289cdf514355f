//! The steps of planning, in order.

use albatross_contract::{Plan, PlanningError, Snapshot};

use crate::{
    backends::Backends,
    certificates::{self, AskedFor, Choices},
    desired, diff, dns, foreign_cluster,
    grouping::{self, Basis, Grouping, Keys, Member},
    handover::Handover,
    lifecycle::Lifecycle,
    network::{self, subnets::Subnets},
    observed::Observed,
    outcomes,
    policies::{Points, Policies},
    readiness, remarks, settings,
    source::{self, Claim, ObjectName, Read},
    split, tenancy,
    unasked::HeldBack,
    wanted::{self, Sources},
};

/// All decisions that lead to a plan.
pub struct Decided<'a, 'b> {
    /// The observed state.
    pub observed: &'b Observed<'a>,
    /// The load balancer of each member.
    pub grouping: &'b Grouping<'a>,
    /// The certificate of each host.
    pub certificates: &'b Choices,
    /// Subnets of new load balancers.
    pub subnets: &'b network::Choices<'a>,
    /// The plan.
    pub plan: Plan,
}

/// Makes a plan.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    decide(snapshot, policies, None, |decided| decided.plan)
}

/// Makes a plan and passes all decisions to `look`. `asked`: the object to explain, whose candidates are recorded at its
/// turn.
pub fn decide<T>(
    snapshot: &Snapshot,
    policies: &dyn Policies,
    asked: Option<ObjectName<'_>>,
    look: impl FnOnce(Decided<'_, '_>) -> T,
) -> Result<T, PlanningError> {
    settings::check(&snapshot.settings, &snapshot.inventory.region)?;
    let points = Points::new(snapshot, policies);
    let Read { mut claims, hosts, wishes } = source::read(snapshot)?;
    let observed = Observed::new(snapshot, &hosts, &wishes)?;
    tenancy::settle(&mut claims, &snapshot.cluster, &observed);
    grouping::settle_schemes(&mut claims, &observed);
    let subnets = Subnets::new(&observed);
    let choices = network::Choices::new(&subnets, &observed, &points)?;

    let ours: Vec<&Claim<'_>> = claims.iter().filter(|claim| claim.is_ours()).collect();
    let standings = grouping::standings(&ours, &observed);
    let (decisions, certificates) = certificates::choose(&ours, &standings, &observed, &points)?;
    let rules_of = wanted::rules_of;
    let asked_of_policy =
        grouping::Asked { claims: &ours, decisions: &decisions, standings: &standings, rules_of };
    let keys = Keys::ask(&asked_of_policy, &observed, &points)?;
    keys.name_groups(&mut claims, &standings);
    grouping::settle_clients(&mut claims, &observed);

    let ours: Vec<&Claim<'_>> = claims.iter().filter(|claim| claim.is_ours()).collect();
    let backends = Backends::new(&claims, &snapshot.cluster, &observed);
    let shares = split::decide(&ours, &decisions, &standings, &backends.services, &observed);
    let members = Member::all(&ours, decisions, &keys, shares);
    let served = claims.iter().filter(|claim| claim.is_ours() || observed.published(claim).is_some());
    let held_back = HeldBack::new(served, |_, _| true, &observed);
    let basis = Basis {
        claims: &claims,
        observed: &observed,
        standings: &standings,
        held_back: &held_back,
        choices: &choices,
        points: &points,
        asked,
    };
    let grouping = grouping::group(members, backends.demands(&observed), &basis);
    let lifecycle = Lifecycle::new(&grouping, &claims, &observed);
    let wanted = wanted::describe(&Sources {
        claims: &claims,
        observed: &observed,
        backends: &backends,
        grouping: &grouping,
        lifecycle: &lifecycle,
        subnets: &subnets,
        choices: &choices,
    });
    let mut outcomes = outcomes::decide(&claims, &grouping, &wanted, &observed);
    let records = dns::decide(&claims, &outcomes.outcomes, &wanted, &observed);
    records.tell(&mut outcomes.outcomes);
    let actions = diff::diff(&wanted, &observed.auto_scaling_groups, observed.time);
    let actions = diff::records_before(actions, &records, &wanted);

    let readiness = readiness::decide(&snapshot.cluster, &wanted, &backends.services, &observed);

    let ends = [
        lifecycle.next_change_at,
        wanted.next_change_at,
        readiness.next_change_at,
        outcomes.next_change_at,
        AskedFor::by(ours.iter().copied(), &observed).next_change(&observed),
    ];
    let mut plan = Plan {
        load_balancers: desired::describe(&wanted, &grouping.groups, &keys, &observed),
        actions,
        outcomes: outcomes.outcomes,
        diagnostics: remarks::missing_parts(&observed),
        withheld: [&grouping.withheld, &lifecycle.withheld, &wanted.withheld, &records.withheld]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        next_change_at: ends.into_iter().flatten().min(),
        gates: readiness.gates,
    };
    plan.diagnostics.extend(settings::tell(&observed));
    plan.diagnostics.extend(remarks::without_a_class(&claims, snapshot));
    plan.diagnostics.extend(remarks::classes_of_others(&claims, snapshot));
    plan.diagnostics.extend(remarks::retained_classes(snapshot));
    plan.diagnostics.extend(remarks::tenancy::of_rules(snapshot));
    plan.diagnostics.extend(remarks::subnets_that_are_not_public(&wanted, &subnets));
    plan.diagnostics.extend(remarks::networks::that_forward_everything(&wanted, &snapshot.settings));
    plan.diagnostics.extend(remarks::zones::without_a_subnet(&wanted, &backends.nodes, &choices, &observed));
    plan.diagnostics.extend(remarks::security_groups::that_admit_nothing(&wanted, &backends, &observed));
    plan.diagnostics.extend(remarks::failed_load_balancers(&observed, &grouping));
    plan.diagnostics.extend(remarks::consolidation::tell(&grouping));
    plan.diagnostics.extend(backends.diagnostics().cloned());
    let others = [&lifecycle.diagnostics, &wanted.diagnostics, &records.diagnostics, &readiness.diagnostics];
    for diagnostics in others {
        plan.diagnostics.extend(diagnostics.iter().cloned());
    }
    Handover::decide(&claims, &observed).apply(&mut plan);
    plan.diagnostics.extend(remarks::controller_id::of_stacks(&observed));
    foreign_cluster::stop(&mut plan, &observed);
    plan.diagnostics.sort();
    plan.withheld.sort();
    Ok(look(Decided {
        observed: &observed,
        grouping: &grouping,
        certificates: &certificates,
        subnets: &choices,
        plan,
    }))
}
