"""What a cluster brings along: a network, a node that answers requests, and certificates."""

import ipaddress
import os
import subprocess
import uuid

import leftovers
from aws import AwsError, tag_specification, temporary_folder
from talking import say

NODE = "t3.micro"
IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
BLOCK = ipaddress.ip_network("10.77.0.0/16")
# The port of the in-cluster proxy, and those of the two Services.
PROXY, WEB, CART = 9999, 30080, 30081

# Answers every request with the port to which it came, so that answers tell where a load balancer has forwarded a request.
USER_DATA = f"""#!/bin/sh
cat >/root/answer.py <<'END'
import http.server, threading
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"port %d" % self.server.server_port
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
for port in [{PROXY}, {WEB}, {CART}]:
    threading.Thread(target=http.server.ThreadingHTTPServer(("", port), Answer).serve_forever).start()
END
systemd-run --unit=answer python3 /root/answer.py
"""


class World:
    def __init__(self, aws, options):
        self.aws = aws
        self.options = options
        self.run_id = options.run_id
        self.cluster_uid = str(uuid.uuid4())
        self.folder = temporary_folder()
        self.vpc = self.node_address = None

    def make(self):
        """Creates everything, each with its tag in the same call."""
        if self.options.vpc_id:
            self.vpc, subnets = self.options.vpc_id, self.options.subnet_ids
        else:
            subnets = self.make_network()
        group = self.make_security_groups()
        self.make_node(subnets[0], group)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def forget_files(self):
        self.folder.cleanup()

    def tags(self, **more):
        return {leftovers.TAG: self.run_id, "Name": self.run_id, **more}

    def cluster_tag(self):
        return {f"kubernetes.io/cluster/{self.run_id}": "owned"}

    def ec2(self, operation, *arguments):
        """A call that names new resources, which AWS may not know everywhere yet."""
        for _ in range(10):
            try:
                return self.aws.call("ec2", operation, *arguments)
            except AwsError as error:
                if ".NotFound)" not in error.message:
                    raise
            self.aws.stopping.sleep(3)
        return self.aws.call("ec2", operation, *arguments)

    def create(self, kind, operation, *arguments, tags=None):
        return self.ec2(operation, *arguments, "--tag-specifications", tag_specification(kind, self.tags(**(tags or {}))))

    def make_network(self):
        say("Network …")
        self.vpc = self.create("vpc", "create-vpc", "--cidr-block", str(BLOCK))["Vpc"]["VpcId"]
        gateway = self.create("internet-gateway", "create-internet-gateway")["InternetGateway"]["InternetGatewayId"]
        self.ec2("attach-internet-gateway", "--internet-gateway-id", gateway, "--vpc-id", self.vpc)
        table = self.create("route-table", "create-route-table", "--vpc-id", self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2("create-route", "--route-table-id", table, "--destination-cidr-block", "0.0.0.0/0", "--gateway-id", gateway)
        subnets = []
        for zone, block in zip(self.zones(), BLOCK.subnets(new_prefix=24)):
            subnet = self.create("subnet", "create-subnet", "--vpc-id", self.vpc, "--availability-zone", zone,
                                 "--cidr-block", str(block))["Subnet"]["SubnetId"]
            self.ec2("associate-route-table", "--route-table-id", table, "--subnet-id", subnet)
            subnets.append(subnet)
        return subnets

    def zones(self):
        """Two zones that have the type of the node."""
        answer = self.aws.call("ec2", "describe-instance-type-offerings", "--location-type", "availability-zone",
                               "--filters", f"Name=instance-type,Values={NODE}")
        offering = {it["Location"] for it in answer["InstanceTypeOfferings"]}
        answer = self.aws.call("ec2", "describe-availability-zones", "--filters",
                               "Name=zone-type,Values=availability-zone", "Name=state,Values=available")
        zones = sorted(it["ZoneName"] for it in answer["AvailabilityZones"] if it["ZoneName"] in offering)
        if len(zones) < 2:
            raise AwsError("ec2 describe-availability-zones", f"fewer than two zones have instances of the type {NODE}")
        return zones[:2]

    def make_security_groups(self):
        """The group that load balancers of proxy mode use, and that of the node, which it returns."""
        application = {"kubernetes:application": "albatross"}
        clients = self.make_security_group("clients", {**self.cluster_tag(), **application})
        for port in ["80", "443"]:
            self.admit(clients, port, "--cidr", self.options.clients)
        nodes = self.make_security_group("nodes", self.cluster_tag())
        self.admit(nodes, str(PROXY), "--source-group", clients)
        return nodes

    def make_security_group(self, name, tags):
        answer = self.create("security-group", "create-security-group", "--vpc-id", self.vpc, "--group-name",
                             f"{self.run_id}-{name}", "--description", f"Albatross: {name} of a test run", tags=tags)
        return answer["GroupId"]

    def admit(self, group, port, *source):
        self.ec2("authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", port, *source)

    def make_node(self, subnet, group):
        say("Node …")
        image = self.aws.call("ssm", "get-parameter", "--name", IMAGE)["Parameter"]["Value"]
        tags = self.tags(**self.cluster_tag())
        specifications = tag_specification("instance", tags)[:-1] + "," + tag_specification("volume", tags)[1:]
        answer = self.ec2(
            "run-instances", "--image-id", image, "--instance-type", NODE, "--subnet-id", subnet, "--security-group-ids",
            group, "--user-data", USER_DATA, "--metadata-options", "HttpTokens=required", "--tag-specifications", specifications)
        self.node_address = answer["Instances"][0]["PrivateIpAddress"]

    def host(self, name):
        return f"{name}.{self.run_id}.{leftovers.DOMAIN}"

    def make_certificate(self, name):
        """A self-signed certificate in ACM for a host. Returns its ARN."""
        host, key, certificate = self.host(name), self.path(f"{name}.key"), self.path(f"{name}.pem")
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={host}",
                   "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", certificate]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise AwsError("acm import-certificate", f"openssl makes no certificate: {answer.stderr.strip()}")
        tags = [f"Key={key_},Value={value}" for key_, value in self.tags().items()]
        arn = self.aws.call("acm", "import-certificate", "--certificate", f"fileb://{certificate}", "--private-key",
                            f"fileb://{key}", "--tags", *tags)["CertificateArn"]
        while arn not in self.listed_certificates():
            self.aws.stopping.sleep(2)
        return arn

    def listed_certificates(self):
        return {it["CertificateArn"] for it in self.aws.call("acm", "list-certificates")["CertificateSummaryList"]}

    def settings(self):
        """The settings of the controller."""
        settings = {
            "identity": {"cluster-id": self.run_id, "cluster-uid": self.cluster_uid},
            "classes": [{"name": "proxy", "mode": "proxy"}, {"name": "route", "mode": "route"}],
            # What Albatross creates is found by the same tag.
            "tags": [{"key": leftovers.TAG, "value": self.run_id}],
            "allow-untrusted-certificates": True,
            # Nothing is kept for an hour in case that it is needed again.
            "grace": 1,
            "proxy": {
                "redirect-http": True,
                "deny": {},
                "target-port": PROXY,
                "node-filters": f"tag:kubernetes.io/cluster/{self.run_id}=owned",
            },
        }
        if self.options.subnet_ids:
            settings["subnets"] = self.options.subnet_ids
        return settings
