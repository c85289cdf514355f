//! What load balancers cost a month: their hours, and nothing else. Capacity units and traffic depend on what clients do, which no
//! recording knows.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Serialize;

/// Hours of a month, as AWS's own calculator counts them.
pub const HOURS: u64 = 730;

/// What an hour of a load balancer costs in each region, in millionths of a dollar. An Application Load Balancer and a Network
/// Load Balancer cost the same in these regions. From the page "Elastic Load Balancing pricing" of AWS, as of 2025; they were
/// the same in 2017. To check one, ask the price list of AWS for the usage type that ends in `LoadBalancerUsage`:
/// `aws pricing get-products --region us-east-1 --service-code AWSELB --filters
/// Type=TERM_MATCH,Field=productFamily,Value="Load Balancer-Application" Type=TERM_MATCH,Field=regionCode,Value=eu-central-1`. A
/// region is here if its price is certain; --price gives others.
const PRICES: [(&str, u64); 12] = [
    ("ap-northeast-1", 24_300),
    ("ap-northeast-2", 22_500),
    ("ap-southeast-1", 25_200),
    ("ap-southeast-2", 25_200),
    ("ca-central-1", 24_750),
    ("eu-central-1", 27_000),
    ("eu-west-1", 25_200),
    ("eu-west-2", 26_460),
    ("us-east-1", 22_500),
    ("us-east-2", 22_500),
    ("us-west-1", 25_200),
    ("us-west-2", 22_500),
];

/// An amount of money, in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct MicroDollars(pub u64);

/// The price of an hour in a region, as a person gives it: `REGION=DOLLARS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionPrice {
    region: String,
    price: MicroDollars,
}

/// What an hour of a load balancer costs in each region.
pub struct Prices(BTreeMap<String, MicroDollars>);

/// What the load balancers of a month cost, in millionths of a dollar: the most of them that serve anything at a time, for 730
/// hours. Those in their grace period do not count: in a replay their grace never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cost {
    /// An hour of one of them.
    pub hour: MicroDollars,
    /// Those of the recorded plans.
    pub recorded: MicroDollars,
    /// Those of the plans made now.
    pub replayed: MicroDollars,
}

impl Prices {
    /// The prices of AWS, and those that a person gives instead.
    pub fn new(given: &[RegionPrice]) -> Prices {
        let known = PRICES.iter().map(|(region, price)| ((*region).to_owned(), MicroDollars(*price)));
        Prices(known.chain(given.iter().map(|it| (it.region.clone(), it.price))).collect())
    }

    /// What so many load balancers cost. `None`: the price in the region is not known.
    pub fn cost(&self, region: &str, [recorded, replayed]: [usize; 2]) -> Option<Cost> {
        let hour = *self.0.get(region)?;
        let month = |number: usize| {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            MicroDollars(hour.0.saturating_mul(HOURS).saturating_mul(number))
        };
        Some(Cost { hour, recorded: month(recorded), replayed: month(replayed) })
    }
}

impl RegionPrice {
    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl MicroDollars {
    /// Whole dollars.
    pub fn rounded(self) -> u64 {
        self.0.saturating_add(500_000) / 1_000_000
    }
}

/// `$0.027`.
impl fmt::Display for MicroDollars {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000, format!("{:06}", self.0 % 1_000_000));
        match rest.trim_end_matches('0') {
            "" => write!(formatter, "${whole}"),
            rest => write!(formatter, "${whole}.{rest}"),
        }
    }
}

impl FromStr for RegionPrice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<RegionPrice, &'static str> {
        const EXPECTED: &str = "expected a region and the price of an hour in dollars, with at most six decimals, such as eu-central-1=0.027";
        let (region, dollars) = text.split_once('=').ok_or(EXPECTED)?;
        let (whole, rest) = dollars.split_once('.').unwrap_or((dollars, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if region.is_empty() || whole.is_empty() || rest.len() > 6 || !is_number(whole) || !is_number(rest) {
            return Err(EXPECTED);
        }
        let digits = format!("{whole}{rest:0<6}");
        let price = MicroDollars(digits.parse().map_err(|_| "the price is too high")?);
        Ok(RegionPrice { region: region.to_owned(), price })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_load_balancers_in_frankfurt_cost_59_dollars_a_month() {
        let cost = Prices::new(&[]).cost("eu-central-1", [3, 11]).unwrap();
        assert_eq!((cost.recorded.rounded(), cost.replayed.rounded()), (59, 217));
        assert_eq!(cost.recorded.to_string(), "$59.13");
        assert_eq!(cost.hour.to_string(), "$0.027");
    }

    #[test]
    fn a_region_without_a_known_price_gets_one_from_a_person() {
        assert_eq!(Prices::new(&[]).cost("mars-north-1", [1, 1]), None);
        let given = ["mars-north-1=1.5".parse().unwrap(), "eu-central-1=0.02".parse().unwrap()];
        let prices = Prices::new(&given);
        assert_eq!(prices.cost("mars-north-1", [1, 0]).unwrap().recorded, MicroDollars(1_095_000_000));
        assert_eq!(prices.cost("eu-central-1", [1, 0]).unwrap().hour, MicroDollars(20_000));
    }

    #[test]
    fn a_price_in_another_form_is_refused() {
        for text in
            ["", "eu-central-1", "=1", "a=", "a=.5", "a=-1", "a=1,5", "a=1e3", "a=0.0000001", "a=0.1.2"]
        {
            assert!(text.parse::<RegionPrice>().is_err(), "{text}");
        }
        assert!("a=99999999999999999999".parse::<RegionPrice>().is_err());
    }
}
