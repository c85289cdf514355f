"""The common base of all tests of the patches."""

import datetime
import json
import os
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = "eu-central-1"


def clients():
    """Creates clients for the services that Albatross calls. They do not validate or retry calls, so that the server
    sees every call exactly once."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    session = boto3.Session("test", "test", region_name=REGION)
    names = ("acm", "autoscaling", "ec2", "elbv2", "iam", "sts", "wafv2")
    return {name: session.client(name, endpoint_url=ENDPOINT, config=config) for name in names}


CLIENTS = clients()


class AwsTest(unittest.TestCase):
    """A test that starts with an empty account: a default VPC with a subnet in each of three zones."""

    def setUp(self):
        self.ask_moto("reset")
        self.settle_after(3600)
        self.unseen_for(0)
        self.clients = CLIENTS
        self.elbv2, self.ec2 = CLIENTS["elbv2"], CLIENTS["ec2"]
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = self.ec2.describe_subnets()["Subnets"]
        self.subnets = [it["SubnetId"] for it in sorted(subnets, key=lambda it: it["AvailabilityZone"])]

    def ask_moto(self, path, **parameters):
        """Calls moto's own API."""
        body = json.dumps(parameters).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{ENDPOINT}/moto-api/{path}", body, headers, method="POST")
        urllib.request.urlopen(request).close()

    def settle_after(self, seconds):
        """Sets how long transitional states last: an hour, unless a test needs to see their end."""
        transition = {"progression": "time", "seconds": seconds}
        self.ask_moto("state-manager/set-transition", model_name="albatross::settling", transition=transition)

    def unseen_for(self, seconds):
        """Sets how long new resources are unknown to other calls."""
        transition = {"progression": "time", "seconds": seconds}
        self.ask_moto("state-manager/set-transition", model_name="albatross::unseen", transition=transition)

    def assert_refused(self, code, call, **parameters):
        """Asserts that the call fails with this error code, and returns the message."""
        with self.assertRaises(ClientError) as refused:
            call(**parameters)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)
        return refused.exception.response["Error"]["Message"]

    def eventually(self, expected, ask):
        """Asserts that the answer becomes the expected one within two minutes, enough for slow machines."""
        deadline = time.monotonic() + 120
        while (answer := ask()) != expected and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(answer, expected)

    def load_balancer(self, name="one", **more):
        """Creates a load balancer in two zones."""
        parameters = {"Name": name, "Subnets": self.subnets[:2], **more}
        return self.elbv2.create_load_balancer(**parameters)["LoadBalancers"][0]

    def target_group(self, name="group", **more):
        """Creates a target group for instances on port 80."""
        parameters = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": self.vpc, **more}
        return self.elbv2.create_target_group(**parameters)["TargetGroups"][0]["TargetGroupArn"]

    def certificate(self, *names, key=None):
        """Imports a certificate for these names into ACM, without a chain, and returns its ARN."""
        body, private_key = certificate(names or ("example.org",), key)
        return self.clients["acm"].import_certificate(Certificate=body, PrivateKey=private_key)["CertificateArn"]

    def listener(self, load_balancer, port=80, **more):
        """Creates a listener, which answers 404 by default."""
        parameters = {
            "LoadBalancerArn": load_balancer,
            "Protocol": "HTTP",
            "Port": port,
            "DefaultActions": [NOT_FOUND],
            **more,
        }
        return self.elbv2.create_listener(**parameters)["Listeners"][0]

    def https_listener(self, load_balancer, certificate, port=443, **more):
        """Creates an HTTPS listener."""
        certificates = [{"CertificateArn": certificate}]
        return self.listener(load_balancer, port, Protocol="HTTPS", Certificates=certificates, **more)

    def instances(self, count=1):
        """Starts instances and returns their ids."""
        answer = self.ec2.run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count)
        return [it["InstanceId"] for it in answer["Instances"]]


NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def forward(target_group):
    """Returns the action that forwards to a target group."""
    return {"Type": "forward", "TargetGroupArn": target_group}


def certificate(names, key=None, days=90):
    """Creates a self-signed certificate and its key, as PEM."""
    key = key or rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(it) for it in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    body = made.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    return body, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def elliptic_key():
    """Creates an elliptic curve key."""
    return ec.generate_private_key(ec.SECP256R1())
