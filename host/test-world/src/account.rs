//! An account with a VPC, nodes and certificates.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_acm::types::CertificateStatus;
use aws_sdk_ec2::types::{Filter, Tag as Ec2Tag};
use tokio::time::sleep;

/// The cluster id in the tags of nodes and security groups.
pub const CLUSTER: &str = "harbour";

/// A configuration with an endpoint, and credentials that moto accepts.
pub async fn config(endpoint: &str, region: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("CONTROLLER", "secret", None, None, "tests"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await
}

/// The account in one region.
#[derive(Debug)]
pub struct Account {
    /// The region.
    pub region: String,
    /// The VPC.
    pub vpc: String,
    /// The subnets of the VPC, in three zones, all with a route to an internet gateway.
    pub subnets: Vec<String>,
    /// The zones of the subnets.
    pub zones: Vec<String>,
    /// A security group that the cluster's load balancers may use.
    pub security_group: String,
    config: SdkConfig,
}

impl Account {
    /// Creates an account in a region of a moto server: a VPC with subnets in three zones, all with a route to an internet
    /// gateway, a security group, and an Auto Scaling Group of two nodes.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn new(endpoint: &str, region: &str) -> Account {
        let config = config(endpoint, region).await;
        let ec2 = aws_sdk_ec2::Client::new(&config);
        let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.expect("a VPC");
        let vpc = vpc.vpc().and_then(|it| it.vpc_id()).expect("its id").to_owned();
        let gateway = ec2.create_internet_gateway().send().await.expect("a gateway");
        let gateway =
            gateway.internet_gateway().and_then(|it| it.internet_gateway_id()).expect("its id").to_owned();
        ec2.attach_internet_gateway()
            .vpc_id(&vpc)
            .internet_gateway_id(&gateway)
            .send()
            .await
            .expect("attached");
        let in_vpc = Filter::builder().name("vpc-id").values(&vpc).build();
        let tables = ec2.describe_route_tables().filters(in_vpc).send().await.expect("route tables");
        let table = tables.route_tables().first().and_then(|it| it.route_table_id()).expect("the main one");
        let route = ec2.create_route().route_table_id(table).destination_cidr_block("0.0.0.0/0");
        route.gateway_id(&gateway).send().await.expect("a route");
        let mut subnets = Vec::new();
        let zones = ec2.describe_availability_zones().send().await.expect("zones");
        let zones = zones.availability_zones().iter().filter_map(|zone| zone.zone_name()).take(3);
        let zones: Vec<String> = zones.map(str::to_owned).collect();
        for (index, zone) in zones.iter().enumerate() {
            let request = ec2.create_subnet().vpc_id(&vpc).cidr_block(format!("10.0.{index}.0/24"));
            let subnet = request.availability_zone(zone).send().await.expect("a subnet");
            subnets.push(subnet.subnet().and_then(|it| it.subnet_id()).expect("its id").to_owned());
        }
        let region = region.to_owned();
        let mut account = Account { region, vpc, subnets, zones, security_group: String::new(), config };
        account.security_group = account.make_security_group("load-balancer").await;
        account.make_nodes("nodes", 2).await;
        account
    }

    /// A client of EC2.
    pub fn ec2(&self) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.config)
    }

    /// A client of Elastic Load Balancing.
    pub fn elb(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        aws_sdk_elasticloadbalancingv2::Client::new(&self.config)
    }

    /// A client of ACM.
    pub fn acm(&self) -> aws_sdk_acm::Client {
        aws_sdk_acm::Client::new(&self.config)
    }

    /// A client of IAM.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    /// A client of Route 53.
    pub fn route53(&self) -> aws_sdk_route53::Client {
        aws_sdk_route53::Client::new(&self.config)
    }

    /// A client of AWS WAF.
    pub fn wafv2(&self) -> aws_sdk_wafv2::Client {
        aws_sdk_wafv2::Client::new(&self.config)
    }

    /// A client of Auto Scaling.
    pub fn auto_scaling(&self) -> aws_sdk_autoscaling::Client {
        aws_sdk_autoscaling::Client::new(&self.config)
    }

    /// Creates a security group that the cluster's load balancers may use. Returns its id.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn make_security_group(&self, name: &str) -> String {
        let ec2 = self.ec2();
        let request = ec2.create_security_group().group_name(name).description(name).vpc_id(&self.vpc);
        let id = request.send().await.expect("a security group").group_id.expect("its id");
        let tags = [cluster_tag(), ("kubernetes:application".to_owned(), "albatross".to_owned())];
        let tags = tags.map(|(key, value)| Ec2Tag::builder().key(key).value(value).build());
        ec2.create_tags().resources(&id).set_tags(Some(tags.to_vec())).send().await.expect("tags");
        id
    }

    /// Creates an Auto Scaling Group of nodes.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn make_nodes(&self, name: &str, size: i32) {
        let client = self.auto_scaling();
        let configuration = client.create_launch_configuration().launch_configuration_name(name);
        configuration
            .image_id("ami-12345678")
            .instance_type("t3.small")
            .send()
            .await
            .expect("a configuration");
        let tags = [cluster_tag(), ("k8s.io/role/node".to_owned(), "1".to_owned())].map(|(key, value)| {
            let tag = aws_sdk_autoscaling::types::Tag::builder().key(key).value(value);
            tag.propagate_at_launch(true).resource_id(name).resource_type("auto-scaling-group").build()
        });
        let request = client.create_auto_scaling_group().auto_scaling_group_name(name);
        let request = request.launch_configuration_name(name).min_size(0).max_size(9).desired_capacity(size);
        let request = request.vpc_zone_identifier(self.subnets.join(",")).set_tags(Some(tags.to_vec()));
        request.send().await.expect("an Auto Scaling Group");
    }

    /// Creates a node outside Auto Scaling Groups. Returns the id of the instance.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn make_single_node(&self) -> String {
        let ec2 = self.ec2();
        let request = ec2.run_instances().image_id("ami-12345678").min_count(1).max_count(1);
        let request = request.subnet_id(&self.subnets[0]).security_group_ids(&self.security_group);
        let answer = request.send().await.expect("an instance");
        let id = answer.instances().first().and_then(|it| it.instance_id()).expect("its id").to_owned();
        let tags = [cluster_tag(), ("k8s.io/role/node".to_owned(), "1".to_owned())];
        let tags = tags.map(|(key, value)| Ec2Tag::builder().key(key).value(value).build());
        ec2.create_tags().resources(&id).set_tags(Some(tags.to_vec())).send().await.expect("tags");
        id
    }

    /// Requests a certificate and waits until it is issued. Returns its ARN.
    ///
    /// # Panics
    /// AWS refuses a call, or has not issued the certificate after half a minute.
    pub async fn make_certificate(&self, names: &[&str]) -> String {
        let arn = self.request_certificate(names).await;
        // The certificate is issued a second later: a controller that starts at once would find it pending.
        for _ in 0..300 {
            let answer = self.acm().describe_certificate().certificate_arn(&arn).send().await;
            let found = answer.expect("its details").certificate.expect("a certificate");
            if found.status == Some(CertificateStatus::Issued) {
                return arn;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("a certificate for {names:?} is not issued after half a minute");
    }

    /// Requests a certificate without waiting until it is issued. Returns its ARN. moto never issues a certificate for a
    /// name that begins with `pending.`.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn request_certificate(&self, names: &[&str]) -> String {
        let (first, others) = names.split_first().expect("a name");
        let request = self.acm().request_certificate().domain_name(*first);
        let others: Vec<String> = others.iter().map(|name| (*name).to_owned()).collect();
        let request = request.set_subject_alternative_names((!others.is_empty()).then_some(others));
        request.send().await.expect("a certificate").certificate_arn.expect("its ARN")
    }
}

fn cluster_tag() -> (String, String) {
    (format!("kubernetes.io/cluster/{CLUSTER}"), "owned".to_owned())
}
