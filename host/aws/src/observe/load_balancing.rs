//! Load balancers and target groups of the region: lists and tags, and all details of our own resources.

use std::collections::BTreeSet;

use albatross_contract::{LoadBalancer, LoadBalancerState, Tag, TargetGroup, Timestamp, ViewPart};

use super::{
    Seen, Times,
    details::Details,
    fate::Fate,
    for_each,
    gaps::Gaps,
    kept::{Kept, Shelf, UNTIL_MARKED},
    listed,
    mentioned::Mentioned,
    published::load_balancer_name,
    resource_tags::{self, Doubt},
    round::Moment,
    turns::{Limit, Turn, When, in_order},
    web_acls::WebAcls,
};
use crate::{
    calling::{List, Page, pages},
    calls,
    changed::{Changed, Detail},
    clients::Aws,
    convert::{load_balancers, target_groups},
    error::AwsError,
    ownership::{NAME_PREFIX, Ownership},
    recent::RECENT,
};

/// ELBv2 `PageSize`: up to 400.
const PER_PAGE: i32 = 400;

/// Seconds until a name that AWS does not know is looked up again.
const GONE_AGE: u64 = 600;

/// The observation of Elastic Load Balancing, with its caches.
#[derive(Debug, Default)]
pub(crate) struct LoadBalancing {
    /// All load balancers and target groups of a round, without details. Kept while none of our load balancers is being
    /// provisioned.
    lists: Kept<Both>,
    tags: Shelf<Vec<Tag>>,
    details: Details,
    web_acls: WebAcls,
    /// Published names for which AWS said that there is no load balancer.
    gone: Shelf<()>,
    /// Resources that may be ours and for which AWS returned no tags in the last pass.
    doubtful: BTreeSet<String>,
    /// Load balancers that a person wants to adopt, as the settings name them: they are read like our own.
    adopted: Vec<String>,
    is_behind: bool,
}

type Both = (Vec<LoadBalancer>, Vec<TargetGroup>);

impl LoadBalancing {
    /// Nothing is known yet. `adopted`: the names of load balancers that are read like our own.
    pub(crate) fn new(adopted: Vec<String>) -> Self {
        LoadBalancing { adopted, ..LoadBalancing::default() }
    }

    pub(crate) async fn observe(
        &mut self,
        aws: &Aws,
        ownership: &Ownership,
        mentioned: &Mentioned,
        times: Times,
        limit: Option<Limit>,
    ) -> Seen<Both> {
        let Times { round: now, .. } = times;
        let mut gaps = Gaps::default();
        let kept = self.lists.fresh(now, UNTIL_MARKED).cloned();
        let is_new = kept.is_none();
        let (mut load_balancers, mut target_groups) = match kept {
            Some(lists) => lists,
            None => Self::all(aws, &mut gaps).await,
        };
        // If a list is incomplete, do not look up everything that is missing from it: the part is a gap anyway.
        let lists_are_whole = gaps.is_empty();
        let mut unknown = BTreeSet::new();
        if lists_are_whole {
            self.look_up_published(aws, &mentioned.hostnames, &mut load_balancers, &mut gaps, now).await;
            unknown =
                self.look_up_known(aws, ownership, &mut load_balancers, &mut target_groups, &mut gaps).await;
        }

        // The last known tags say which load balancers the latest changes concern.
        load_balancers.iter_mut().for_each(|found| found.tags = self.last_tags(&found.arn));
        let arns = in_order(&load_balancers, &target_groups, mentioned);
        let new = new_of_ours(aws, &load_balancers, &target_groups, times.now);
        let doubt = Doubt { new: &new, before: &self.doubtful };
        let when = When { now, until: limit.map(|limit| limit.tags) };
        let read = resource_tags::read(aws, &mut self.tags, &arns, ownership, doubt, when).await;
        let mut is_behind = !read.postponed.is_empty();
        for arn in read.postponed.iter().filter(|arn| self.tags.read_at(arn) == 0) {
            gaps.postpone(ViewPart::Tags, arn);
        }
        // If no tags at all could be read, the whole part is missing: our resources cannot be told from those of others.
        let nothing_is_read = read.unread.iter().map(|(arns, _)| arns.len()).sum::<usize>() == arns.len();
        for (arns, error) in read.unread {
            if nothing_is_read {
                gaps.add(ViewPart::Tags, error);
            } else {
                gaps.add_of(ViewPart::Tags, arns, error);
            }
        }
        for resource in &read.doubtful {
            let error = AwsError::TagsNotKnownYet { resource: resource.clone() };
            gaps.add_of(ViewPart::Tags, [resource.clone()], error);
        }
        self.doubtful = read.doubtful;
        load_balancers.retain(|found| !read.gone.contains(&found.arn));
        target_groups.retain(|found| !read.gone.contains(&found.arn));
        load_balancers.iter_mut().for_each(|found| found.tags = self.last_tags(&found.arn));
        target_groups.iter_mut().for_each(|found| found.tags = self.last_tags(&found.arn));

        let is_adopted = |found: &&LoadBalancer| self.adopted.iter().any(|name| found.is_named(name));
        let adopted: BTreeSet<String> =
            load_balancers.iter().filter(is_adopted).map(|found| found.arn.clone()).collect();
        let is_provisioning = |found: &LoadBalancer| {
            found.state == LoadBalancerState::Provisioning
                && (ownership.owns(&found.tags) || adopted.contains(&found.arn))
        };
        let may_keep = gaps.is_empty() && !load_balancers.iter().any(is_provisioning);
        match is_new {
            true if may_keep => self.lists.keep(now, (load_balancers.clone(), target_groups.clone())),
            // Older lists must not come back.
            true => self.lists.forget(),
            false => {}
        }
        let is_used_by_adopted =
            |found: &TargetGroup| found.load_balancer_arns.iter().any(|arn| adopted.contains(arn));
        let mut own_load_balancers: Vec<&mut LoadBalancer> = load_balancers
            .iter_mut()
            .filter(|found| ownership.owns(&found.tags) || adopted.contains(&found.arn))
            .collect();
        let own_target_groups: Vec<&mut TargetGroup> = target_groups
            .iter_mut()
            .filter(|found| ownership.owns(&found.tags) || is_used_by_adopted(found))
            .collect();
        let all = Turn {
            load_balancers: own_load_balancers.iter_mut().map(|found| &mut **found).collect(),
            target_groups: own_target_groups,
        };
        let when = When { now, until: limit.map(|limit| limit.details) };
        is_behind |= self.details.read(aws, all, mentioned, &mut gaps, when).await;
        // A quick observation does not look for what is only old.
        self.is_behind = is_behind || (now.is_quick && self.is_behind);
        let with_attributes = own_load_balancers.iter_mut().map(|found| &mut **found);
        let with_attributes = with_attributes.filter(|found| mentioned.names_listener_attributes(found));
        self.details.read_listener_attributes(aws, with_attributes.collect(), &mut gaps, now).await;
        self.web_acls.read(aws, &mut own_load_balancers, mentioned, &mut gaps, now).await;
        if is_new && !gaps.is_empty() {
            self.lists.forget();
        }
        if lists_are_whole {
            self.forget_what_is_gone(&load_balancers, &target_groups, &unknown);
        }
        Seen { value: (load_balancers, target_groups), gaps }
    }

    /// Whether an observation had no time for everything, and no full one has been made since, or nothing was observed since
    /// everything was marked as stale.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind
    }

    fn last_tags(&self, arn: &str) -> Vec<Tag> {
        self.tags.last(arn).cloned().unwrap_or_default()
    }

    /// Marks the lists as stale, so that they are read again.
    pub(crate) fn age_lists(&mut self) {
        self.lists.age();
    }

    /// Reads both lists.
    async fn all(aws: &Aws, gaps: &mut Gaps) -> Both {
        let (load_balancers, target_groups) = tokio::join!(all_load_balancers(aws), all_target_groups(aws));
        let load_balancers = listed(load_balancers, ViewPart::LoadBalancers, gaps);
        (load_balancers, listed(target_groups, ViewPart::TargetGroups, gaps))
    }

    /// Marks what was changed as stale. The last known values are kept: the tags say what was ours, if a list lacks the
    /// resource; the details are used if they cannot be read.
    pub(crate) fn age(&mut self, changed: &Changed) {
        if changed.load_balancing {
            self.lists.forget();
        }
        for (arn, detail) in &changed.details {
            match detail {
                Detail::Tags => self.tags.age(arn),
                Detail::WebAcl => self.web_acls.age(arn),
                _ => self.details.age(arn, *detail),
            }
        }
        changed.rule_tags.iter().for_each(|rule| self.details.age_rule_tags(rule));
    }

    /// The same for everything.
    pub(crate) fn age_all(&mut self) {
        self.lists.forget();
        self.tags.age_all();
        self.details.age_all();
        self.web_acls.age_all();
        self.gone = Shelf::default();
        self.is_behind = true;
    }

    /// Looks up by name the load balancers that a status names and the list lacks. A single list without a load balancer
    /// does not prove that the load balancer is gone.
    async fn look_up_published(
        &mut self,
        aws: &Aws,
        published: &BTreeSet<String>,
        found: &mut Vec<LoadBalancer>,
        gaps: &mut Gaps,
        now: Moment,
    ) {
        let names: BTreeSet<String> = published
            .iter()
            .filter_map(|hostname| load_balancer_name(hostname, aws.region()))
            .filter(|name| self.gone.fresh(name, now, GONE_AGE).is_none())
            .filter(|name| found.iter().all(|load_balancer| !load_balancer.name.eq_ignore_ascii_case(name)))
            .collect();
        let answers = for_each(names, async |name: String| {
            let request = || aws.elb.describe_load_balancers().names(&name).send();
            let answer = aws.read(&calls::DESCRIBE_LOAD_BALANCERS, request).await;
            (name, answer.map(|answer| answer.load_balancers))
        });
        for (name, answer) in answers.await {
            let what = format!("load balancer {name}");
            match Fate::of(&what, answer, load_balancers::from_sdk, ViewPart::LoadBalancers, gaps) {
                Fate::Exists(missed) => found.push(missed),
                Fate::Gone => self.gone.keep(&name, now, ()),
                Fate::Unknown => {}
            }
        }
    }

    /// Looks up by ARN the resources that were ours in the previous pass and are in no list now, for the same reason.
    /// Returns the ARNs of the resources whose fate stays unknown.
    async fn look_up_known(
        &mut self,
        aws: &Aws,
        ownership: &Ownership,
        load_balancers: &mut Vec<LoadBalancer>,
        target_groups: &mut Vec<TargetGroup>,
        gaps: &mut Gaps,
    ) -> BTreeSet<String> {
        let listed: BTreeSet<&str> = load_balancers
            .iter()
            .map(|found| found.arn.as_str())
            .chain(target_groups.iter().map(|found| found.arn.as_str()))
            .collect();
        let missing: Vec<String> = self
            .tags
            .arns()
            .filter(|arn| !listed.contains(arn))
            .filter(|arn| self.tags.last(arn).is_some_and(|tags| ownership.owns(tags)))
            .map(str::to_owned)
            .collect();
        let (missing_balancers, missing_groups): (Vec<String>, Vec<String>) =
            missing.into_iter().partition(|arn| arn.contains(":loadbalancer/"));
        let balancers = for_each(missing_balancers, async |arn: String| {
            let request = || aws.elb.describe_load_balancers().load_balancer_arns(&arn).send();
            let answer = aws.read(&calls::DESCRIBE_LOAD_BALANCERS, request).await;
            (arn, answer.map(|answer| answer.load_balancers))
        });
        let groups = for_each(missing_groups, async |arn: String| {
            let request = || aws.elb.describe_target_groups().target_group_arns(&arn).send();
            let answer = aws.read(&calls::DESCRIBE_TARGET_GROUPS, request).await;
            (arn, answer.map(|answer| answer.target_groups))
        });
        let (balancers, groups) = tokio::join!(balancers, groups);
        let mut unknown = BTreeSet::new();
        for (arn, answer) in balancers {
            match Fate::of(&arn, answer, load_balancers::from_sdk, ViewPart::LoadBalancers, gaps) {
                Fate::Exists(missed) => load_balancers.push(missed),
                Fate::Gone => {}
                Fate::Unknown => _ = unknown.insert(arn),
            }
        }
        for (arn, answer) in groups {
            match Fate::of(&arn, answer, target_groups::from_sdk, ViewPart::TargetGroups, gaps) {
                Fate::Exists(missed) => target_groups.push(missed),
                Fate::Gone => {}
                Fate::Unknown => _ = unknown.insert(arn),
            }
        }
        unknown
    }

    fn forget_what_is_gone(
        &mut self,
        load_balancers: &[LoadBalancer],
        target_groups: &[TargetGroup],
        unknown: &BTreeSet<String>,
    ) {
        let there: BTreeSet<&str> = load_balancers
            .iter()
            .map(|found| found.arn.as_str())
            .chain(target_groups.iter().map(|found| found.arn.as_str()))
            .chain(unknown.iter().map(String::as_str))
            .collect();
        self.tags.retain(|arn| there.contains(arn));
        self.details.retain(|arn| there.contains(arn));
        self.web_acls.retain(|arn| there.contains(arn));
    }
}

/// The ARNs of resources that may be new and ours: they have a name as we give it, and were created or first seen a short
/// while ago. Their tags may not be visible everywhere yet.
fn new_of_ours(
    aws: &Aws,
    load_balancers: &[LoadBalancer],
    target_groups: &[TargetGroup],
    now: Timestamp,
) -> BTreeSet<String> {
    let made_recently = |found: &&LoadBalancer| now.saturating_sub(found.created_at) < RECENT.as_secs();
    let load_balancers = load_balancers.iter().filter(made_recently).map(|it| (&it.name, &it.arn));
    // For target groups, AWS does not say when they were created.
    let seen_recently = |found: &&TargetGroup| !aws.exchange.is_settled(&found.arn);
    let target_groups = target_groups.iter().filter(seen_recently).map(|it| (&it.name, &it.arn));
    let of_ours = load_balancers.chain(target_groups).filter(|(name, _)| name.starts_with(NAME_PREFIX));
    of_ours.map(|(_, arn)| arn.clone()).collect()
}

async fn all_load_balancers(aws: &Aws) -> List<LoadBalancer> {
    let call = &calls::DESCRIBE_LOAD_BALANCERS;
    pages(call, async |token| {
        let request =
            || aws.elb.describe_load_balancers().page_size(PER_PAGE).set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(
            call,
            "LoadBalancerArn or LoadBalancerName",
            answer.load_balancers(),
            load_balancers::from_sdk,
            |found| found.load_balancer_arn().and(found.load_balancer_name()),
        );
        Ok(page.before(answer.next_marker))
    })
    .await
}

async fn all_target_groups(aws: &Aws) -> List<TargetGroup> {
    let call = &calls::DESCRIBE_TARGET_GROUPS;
    pages(call, async |token| {
        let request =
            || aws.elb.describe_target_groups().page_size(PER_PAGE).set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(
            call,
            "TargetGroupArn or TargetGroupName",
            answer.target_groups(),
            target_groups::from_sdk,
            |found| found.target_group_arn().and(found.target_group_name()),
        );
        Ok(page.before(answer.next_marker))
    })
    .await
}

/// The ARN of the load balancer of a listener or rule:
/// `…:listener/app/name/id/listener` and `…:listener-rule/app/name/id/listener/rule`.
pub(crate) fn load_balancer_of(arn: &str) -> Option<String> {
    let (prefix, rest) = arn.split_once(":listener/").or_else(|| arn.split_once(":listener-rule/"))?;
    let mut parts = rest.split('/');
    let (kind, name, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{prefix}:loadbalancer/{kind}/{name}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_listener_or_rule_contains_its_load_balancer() {
        let account = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";
        let load_balancer = format!("{account}:loadbalancer/app/albatross-1/0a");
        let listener = format!("{account}:listener/app/albatross-1/0a/1b");
        let rule = format!("{account}:listener-rule/app/albatross-1/0a/1b/2c");
        assert_eq!(load_balancer_of(&listener), Some(load_balancer.clone()));
        assert_eq!(load_balancer_of(&rule), Some(load_balancer.clone()));
        assert_eq!(load_balancer_of(&load_balancer), None);
    }
}
