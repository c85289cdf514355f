//! The words that stay: those of AWS, of Kubernetes and of Albatross, which choose behaviour or name a kind of thing. A name that
//! consists of them says nothing about anybody.

/// The words, in lower case. Keys and values of annotations, attributes and tags are written with them.
const WORDS: &str = "
a able absent access account acl acls acm action actions additional address addresses administrative advanced advertise
affinity age alb albatross algorithm alive all allocations allow allowed alpha alpn amazon amazonaws amzn and annotation
annotations anomaly any api app append application applied arn attribute attributes audience auth authenticate authentication
authorize auto autoscaling availability aws awslogs backend balancer balancers balancing based before beta block body bucket by
ca capacity cert certificate certificates change check cidr cidrs cipher class client clientcert cloudformation cluster cn code
codes cognito com compute condition conditions config configuration connect connection content contenttype control controller
cookie count create created credentials cross css custom customer d day days default defensive delay delete deletion deny
deregistration desync dev discovery disrupted dns do drain draining drop dry dualstack duration durationseconds ec ec2 eip
eipalloc eks elastic elasticloadbalancing elb elbsecuritypolicy elbv2 email enable enabled end endpoint enforce eni env
environment error exact exclude exists expiry expose ext ext0 ext1 ext2 extensions external externaldns externaldnsname
externalip facing fail failed failover false fargate field fields file filter fips fixed fixedresponseconfig force format
forward forwardconfig forwarded frame from frontend fs gateway geneve get global group groupname groups grpc grpcs head header
headername headers health healthcheck healthy heritage host hostheaderconfig hostheaderrewriteconfig hostname hosts html http
http1 http1only http2 http2only http2optional http2preferred httpheaderconfig httpheadername httprequestmethodconfig httproute
https i iam id identity idle idp igw implementation in inbound info ingress ingressclass ingressclassparams ingressgroup
initial inline instance instances internal internaldns internalip internet interval invalid io ip ipaddress ipam ipv4 ipv6 is
issued issuer javascript json jwks jwksendpoint jwt k8s karpenter keep key keys kind kube kubectl kubernetes label labels
lambda last lb leaf least legacy level limit listen listener listeners lists load loadbalancer loadbalancers local localhost
location log logs manage managed mapping match matcher max mbps message messagebody metadata method methods metrics min minimum
mitigation mode modify monitor most mtls multi mutual name names namespace nat net network networking nlb no node nodes
noexecute none noschedule nosniff notin null number oauth2 object off offline oidc ok on one only open openid operation options
or order org origin os other outbound outpost outstanding override owned owner parameters params partial pass passthrough patch
path pathpatternconfig paused pattern pca pending per percent percentage pl plain pod pods policy pool port ports post postgres pq
prefernoschedule preferred preferredport prefix preserve private processing profile protected protection protocol proxy public
put query querystringconfig quic r random read ready record redirect redirectconfig regex regexvalues region regional register
remove replace replaces replicaset request requestid requests required res reserved resource response retain rewrite rewrites
robin role root round route route53 routegroup routing rsa rtb rule rules s3 scheme scope seconds secret security selector
serial server service servicename serviceport services session set setting sg sgr sh shared shield shift shutting slices slow
snapshot sni source sourceipconfig specific ssl stack stage stale start state status statuscode stickiness stickysession
stopped strict strictest string subject subnet subnets success suite system tag tags target targetgroup targetgrouparn
targetgroupname targetgroups targetgroupstickinessconfig targets tcp team teams text tgw threshold tier time timeout title tls
tls12 tls13 tobedeletedbyclusterautoscaler topology trace traffic transform transforms transport true trust truststore txt type
udp uid unauthenticated unauthorized unavailable unhealthy unhealthystate unknown unneeded unused url urlrewriteconfig use user
userpool v1 v1beta1 v2 v3 validation validity value values verify version view volume vpc vpce vpcendpoint waf wafv2 wait
warning web webacl weight weighted wildcard without x xff xml yes zalando zonal zone zones
";

/// The words.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.split_whitespace()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use albatross_contract::{self as contract, Bundle, shapes};

    use super::*;

    fn lacking(texts: impl IntoIterator<Item = String>) -> Vec<String> {
        let known: BTreeSet<&str> = words().collect();
        let is_known =
            |word: &str| known.contains(word.to_lowercase().as_str()) || word.parse::<u32>().is_ok();
        let words = texts.into_iter().flat_map(|text| {
            text.split(|found: char| !found.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>()
        });
        words.filter(|word| !word.is_empty() && !is_known(word)).collect()
    }

    #[test]
    fn words_that_choose_behaviour_stay() {
        let keys = [
            contract::TAG_ID,
            contract::TAG_CLUSTER_UID,
            contract::TAG_INGRESS,
            contract::TAG_GROUP,
            contract::TAG_MODE,
            contract::TAG_HTTP_ONLY,
            contract::TAG_SERVICE,
            contract::TAG_UNNEEDED,
            contract::TAG_DELETION_PROTECTION,
            contract::TAG_REPLACES,
            contract::TAG_UNNEEDED_CERTIFICATE,
            contract::TAG_RETAIN,
            contract::TAG_APPLICATION,
            contract::TAG_CLUSTER,
            contract::TAG_STACK,
            contract::TAG_ANCESTORS_OWNER,
            contract::OWNERSHIP_RECORD,
            contract::WILDCARD_OWNERSHIP_RECORD,
            contract::ANNOTATION_PREFIX,
            contract::ANNOTATION_CERTIFICATE,
            contract::ANNOTATION_SCHEME,
            contract::ANNOTATION_ALB_PREFIX,
            contract::ANNOTATION_GROUP,
            contract::ANNOTATION_SHARED,
            contract::ANNOTATION_HTTP_ONLY,
            contract::ANNOTATION_RETAIN,
            contract::ANNOTATION_CLASS,
            contract::ANNOTATION_DEFAULT_CLASS,
            "owned",
            // What the planner reads and writes of others, and of its own without a constant of the contract.
            "heritage=albatross",
            "Unauthorized",
            "ToBeDeletedByClusterAutoscaler",
            "karpenter.sh/disrupted",
            "eks.amazonaws.com/compute-type=fargate",
            "node.kubernetes.io/exclude-from-external-load-balancers",
            "alpha.service-controller.kubernetes.io/exclude-balancer",
            "GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE",
        ];
        assert_eq!(lacking(keys.map(str::to_owned)), Vec::<String>::new());
    }

    #[test]
    fn values_that_annotations_can_have_stay() {
        let schema = shapes::schema_of_file::<Bundle>();
        let values = [
            "scheme",
            "ip-address-type",
            "load-balancer-kind",
            "target-type",
            "protocol",
            "path-type",
            "mode",
        ];
        let values = values
            .into_iter()
            .flat_map(|name| schema["$defs"][name]["enum"].as_array().into_iter().flatten());
        let values: Vec<String> = values.filter_map(|value| value.as_str().map(str::to_owned)).collect();
        assert!(values.len() > 20, "{values:?}");
        assert_eq!(lacking(values), Vec::<String>::new());
    }
}
