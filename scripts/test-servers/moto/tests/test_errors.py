import contextlib

from .aws import AwsTest


class Errors(AwsTest):
    def test_an_unsupported_request_is_an_error_that_says_so(self):
        filters = [{"Name": "unknown-filter", "Values": ["1"]}]
        message = self.assert_refused("MotoFailed", self.ec2.describe_subnets, Filters=filters)
        self.assertIn("unknown-filter", message)
        message = self.assert_refused(
            "MotoFailed", self.elbv2.describe_trust_store_revocations, TrustStoreArn="arn:aws:none"
        )
        self.assertIn("describe_trust_store_revocations", message)

    def test_the_server_keeps_running_after_an_error(self):
        with contextlib.suppress(self.ec2.exceptions.ClientError):
            self.ec2.describe_subnets(Filters=[{"Name": "unknown-filter", "Values": ["1"]}])
        self.assertEqual(self.clients["sts"].get_caller_identity()["Account"], "123456789012")
