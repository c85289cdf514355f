//! Hosted zones of Route 53, and those of their records that may concern us.
//!
//! All calls of an account share five requests a second, so everything is cached for some minutes. A stale view does no harm:
//! Route 53 creates no record that exists, and deletes none that is not exactly as it was observed.

use albatross_contract::{HostedZone, HostedZoneVpc, RecordSet, Route53Settings, ViewPart};
use aws_sdk_route53::types::{RrType, Vpc};

use super::{
    Seen, each, for_each,
    gaps::Gaps,
    kept::{Kept, Shelf},
    round::Moment,
};
use crate::{
    calling::{List, Page, pages},
    calls,
    clients::Aws,
    convert::record_sets::{from_sdk, plain_name, zone_id},
    error::{AwsError, ErrorClass},
};

/// Seconds that hosted zones and their records are cached.
const AGE: u64 = 300;

/// ListResourceRecordSets, `MaxItems`: up to 300.
const RECORDS_PER_PAGE: i32 = 300;

/// The caches of hosted zones and their records.
#[derive(Debug)]
pub(super) struct HostedZones {
    /// Absent: nothing is read.
    settings: Option<Route53Settings>,
    zones: Kept<Vec<HostedZone>>,
    /// By the id of the hosted zone.
    records: Shelf<Vec<RecordSet>>,
}

impl HostedZones {
    pub(super) fn new(settings: Option<Route53Settings>) -> Self {
        HostedZones { settings, zones: Kept::default(), records: Shelf::default() }
    }

    /// The hosted zones that the settings name; records only of those that can hold records of ours.
    pub(super) async fn observe(
        &mut self,
        aws: &Aws,
        vpc_id: &str,
        now: Moment,
    ) -> Seen<Option<Vec<HostedZone>>> {
        let mut gaps = Gaps::default();
        let Some(settings) = &self.settings else { return Seen { value: None, gaps } };
        let mut zones = match self.zones.fresh(now, AGE) {
            Some(zones) => zones.clone(),
            None => {
                let zones = list(aws, settings, &mut gaps).await;
                if gaps.is_empty() {
                    self.zones.keep(now, zones.clone());
                }
                zones
            }
        };
        let (records, of_vpc) = (&mut self.records, |zone: &HostedZone| is_of_vpc(zone, vpc_id));
        let used: Vec<&mut HostedZone> =
            zones.iter_mut().filter(|zone| is_in_domains(&zone.name, settings) && of_vpc(zone)).collect();
        let stale = used.iter().filter(|zone| records.fresh(&zone.id, now, AGE).is_none());
        let stale: Vec<String> = stale.map(|zone| zone.id.clone()).collect();
        let take = |(id, answer): (&String, List<RecordSet>)| match answer.broken {
            None => records.keep(id, now, answer.items),
            Some(error) => miss(ViewPart::RecordSets, Some(id), error, settings, &mut gaps),
        };
        each(&stale, async |id| (id, records_of(aws, id).await), take).await;
        for zone in used {
            // Of a hosted zone with a gap nothing is changed.
            zone.record_sets = records.last(&zone.id).cloned().unwrap_or_default();
        }
        Seen { value: Some(zones), gaps }
    }

    /// Marks the records of a hosted zone as stale.
    pub(super) fn age(&mut self, id: &str) {
        self.records.age(id);
    }

    pub(super) fn forget(&mut self) {
        self.zones.forget();
        self.records.age_all();
    }
}

/// All hosted zones, or those whose ids the settings name; private ones with their VPCs.
async fn list(aws: &Aws, settings: &Route53Settings, gaps: &mut Gaps) -> Vec<HostedZone> {
    let call = &calls::LIST_HOSTED_ZONES;
    let list = pages(call, async |marker| {
        let request = || aws.route53.list_hosted_zones().set_marker(marker.clone()).send();
        let answer = aws.read(call, request).await?;
        let zones = answer.hosted_zones.iter().map(|found| HostedZone {
            id: zone_id(&found.id),
            name: plain_name(&found.name),
            private_zone: found.config().is_some_and(|config| config.private_zone),
            ..HostedZone::default()
        });
        Ok(Page::new(zones.collect(), answer.next_marker.filter(|_| answer.is_truncated)))
    });
    let List { items: mut zones, broken } = list.await;
    if let Some(error) = broken {
        miss(ViewPart::HostedZones, None, error, settings, gaps);
    }
    zones.retain(|zone| settings.zones.is_empty() || settings.zones.contains(&zone.id));
    let private = zones.iter().filter(|zone| zone.private_zone && is_in_domains(&zone.name, settings));
    let private: Vec<String> = private.map(|zone| zone.id.clone()).collect();
    let answers = for_each(&private, |id| vpcs_of(aws, id)).await;
    for (id, answer) in private.iter().zip(answers) {
        match answer {
            Ok(vpcs) => {
                zones.iter_mut().filter(|zone| zone.id == *id).for_each(|zone| zone.vpcs.clone_from(&vpcs));
            }
            Err(error) => miss(ViewPart::HostedZones, None, error, settings, gaps),
        }
    }
    zones
}

async fn vpcs_of(aws: &Aws, id: &str) -> Result<Vec<HostedZoneVpc>, AwsError> {
    let request = || aws.route53.get_hosted_zone().id(id).send();
    let answer = aws.read(&calls::GET_HOSTED_ZONE, request).await?;
    let read = |vpc: &Vpc| {
        let region = vpc.vpc_region().map(|region| region.as_str().to_owned()).unwrap_or_default();
        Some(HostedZoneVpc { vpc_id: vpc.vpc_id()?.to_owned(), region })
    };
    Ok(answer.vpcs().iter().filter_map(read).collect())
}

/// Where a page of records begins: name, type and set identifier, in one text with NUL between them.
const BETWEEN: char = '\0';

async fn records_of(aws: &Aws, id: &str) -> List<RecordSet> {
    let call = &calls::LIST_RESOURCE_RECORD_SETS;
    pages(call, async |token| {
        let request = || {
            let mut request =
                aws.route53.list_resource_record_sets().hosted_zone_id(id).max_items(RECORDS_PER_PAGE);
            let mut parts = token.iter().flat_map(|token: &String| token.split(BETWEEN));
            request = request.set_start_record_name(parts.next().map(str::to_owned));
            request = request.set_start_record_type(parts.next().map(RrType::from));
            let identifier = parts.next().filter(|identifier| !identifier.is_empty());
            request.set_start_record_identifier(identifier.map(str::to_owned)).send()
        };
        let answer = aws.read(call, request).await?;
        let next = answer.is_truncated.then(|| {
            let kind = answer.next_record_type().map(RrType::as_str).unwrap_or_default();
            let identifier = answer.next_record_identifier().unwrap_or_default();
            let name = answer.next_record_name().unwrap_or_default();
            [name, kind, identifier].join(&BETWEEN.to_string())
        });
        Ok(Page::new(answer.resource_record_sets.iter().filter_map(from_sdk).collect(), next))
    })
    .await
}

/// Records a gap. A role that cannot be assumed must not stop the observation of everything else.
fn miss(part: ViewPart, id: Option<&String>, error: AwsError, settings: &Route53Settings, gaps: &mut Gaps) {
    match (&settings.role, id) {
        (Some(role), _) if error.class() == ErrorClass::Credentials => {
            gaps.doubt(part, format!("the role {role} cannot be used: {error}"));
        }
        (_, Some(id)) => gaps.add_of(part, [id.clone()], error),
        (_, None) => gaps.add(part, error),
    }
}

/// Whether a hosted zone has one of the names in the settings, or a name below it.
fn is_in_domains(name: &str, settings: &Route53Settings) -> bool {
    let is_in = |domain: &String| {
        let domain = domain.to_ascii_lowercase();
        name.strip_suffix(&domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    settings.domains.is_empty() || settings.domains.iter().any(is_in)
}

/// Whether the VPC resolves a hosted zone: everybody resolves public ones.
fn is_of_vpc(zone: &HostedZone, vpc_id: &str) -> bool {
    !zone.private_zone || zone.vpcs.iter().any(|vpc| vpc.vpc_id == vpc_id)
}
