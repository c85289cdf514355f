//! The words that stay: those of AWS, of Kubernetes and of Albatross, which choose behaviour or name a kind of thing. A name that
//! consists of them says nothing about anybody.

/// The words, in lower case. Keys and values of annotations, attributes and tags are written with them.
const WORDS: &str = "
a able absent access account acl acm action actions additional address addresses administrative age alb albatross algorithm all
allow allowed alpn amazon amazonaws amzn and anomaly any api app append application arn attribute attributes audience auth
authenticate autoscaling aws backend balancer balancing based before beta block body bucket by ca certificate certificates
cidr cidrs cipher class client clientcert cloudformation cluster cn code codes cognito com compute condition conditions config
connection content contenttype control controller cookie count created credentials cross css custom customer d
default defensive delay delete deletion deny deregistration desync dev dns do drain draining drop dry dualstack duration
durationseconds ec ec2 eipalloc elastic elasticloadbalancing elb elbsecuritypolicy elbv2 email enable enabled enforce eni
environment env exact exclude exists expiry expose ext1 ext2 external externaldns externalip externaldnsname fail failed failover
false field fields file filter fips fixed fixedresponseconfig force format forward forwardconfig forwarded frame from frontend fs
gateway geneve get global group groupname groups grpc grpcs head header headername headers health healthcheck
healthy host hostheaderconfig hostheaderrewriteconfig hostname hosts html http http1 http1only http2 http2only http2optional
http2preferred httpheaderconfig httpheadername httprequestmethodconfig httproute https iam id identity idle idp igw in inbound info
ingress ingressclass ingressclassparams ingressgroup initial inline instance instances internal internaldns internalip internet
interval invalid io ip ipam ipaddress ipv4 ipv6 is issuer javascript json jwks jwksendpoint jwt k8s keep key keys kind
kube kubernetes label labels lambda lb leaf least legacy level limit listen listener listeners load loadbalancer loadbalancers
local localhost location log logs managed manage mapping matcher max mbps message messagebody metadata method methods metrics min
minimum mitigation mode monitor most mtls multi mutual name namespace nat net network networking nlb no node nodes none
nosniff noexecute noschedule notin null number oauth2 object off offline oidc ok on one open openid operation options or order
org origin os other outbound outpost outstanding override owned owner parameters params pass passthrough patch path pathpatternconfig
percent percentage pl plain pod pods policy pool port ports post postgres pq preferred preferredport prefernoschedule prefix
preserve private processing profile protected protection protocol proxy public put query querystringconfig quic r random read ready
redirect redirectconfig regex regexvalues region regional register remove replace replaces replicaset request requests required
requests requestid res reserved resource response retain rewrite rewrites robin role root round route routing rsa rtb rule rules
s3 scheme scope seconds secret security server service servicename serviceport services session set sg sgr shared shield shield slow
sni source sourceipconfig ssl stack stage stale start state status statuscode stickiness stickysession strict strictest string
sub subject subnet subnets success suite sync system tag tags target targetgroup targetgrouparn targetgroupname targetgroups
targetgroupstickinessconfig targets tcp team teams text tgw threshold tier time timeout title tls tls12 tls13 topology
traffic transform transforms transport true trust truststore txt type udp unauthenticated unhealthy unhealthystate unneeded
unused url urlrewriteconfig use user userpool v1 v2 v3 validation validity value values verify version view volume vpc vpce
vpcendpoint waf wafv2 wait warning web webacl weight weighted wildcard window without x xff xml yes zalando zonal zone zones
";

/// The words.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.split_whitespace()
}
