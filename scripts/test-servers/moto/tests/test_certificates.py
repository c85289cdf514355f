import datetime

from .aws import AwsTest, certificate, elliptic_key


class Certificates(AwsTest):
    def setUp(self):
        super().setUp()
        self.acm, self.iam = self.clients["acm"], self.clients["iam"]

    def listed(self, **parameters):
        return {it["CertificateArn"] for it in self.acm.list_certificates(**parameters)["CertificateSummaryList"]}

    def test_certificates_with_keys_other_than_rsa_2048_are_listed_only_on_request(self):
        usual, elliptic = self.certificate("a.org"), self.certificate("b.org", key=elliptic_key())
        self.assertEqual(self.listed(), {usual})
        asked = {"keyTypes": ["RSA_2048", "EC_prime256v1"]}
        self.assertEqual(self.listed(Includes=asked), {usual, elliptic})

    def test_a_summary_has_the_first_hundred_names(self):
        self.certificate(*(f"{number}.example.org" for number in range(101)))
        summary = self.acm.list_certificates()["CertificateSummaryList"][0]
        self.assertEqual(len(summary["SubjectAlternativeNameSummaries"]), 100)
        self.assertTrue(summary["HasAdditionalSubjectAlternativeNames"])

    def test_a_certificate_imported_without_a_chain_has_no_chain(self):
        answer = self.acm.get_certificate(CertificateArn=self.certificate())
        self.assertIn("BEGIN CERTIFICATE", answer["Certificate"])
        self.assertNotIn("CertificateChain", answer)

    def test_an_imported_certificate_keeps_its_chain(self):
        body, key = certificate(("example.org",))
        arn = self.acm.import_certificate(Certificate=body, PrivateKey=key, CertificateChain=body)
        answer = self.acm.get_certificate(CertificateArn=arn["CertificateArn"])
        self.assertEqual(answer["CertificateChain"], body.decode())

    def request(self, name):
        return self.acm.request_certificate(DomainName=name)["CertificateArn"]

    def status(self, arn):
        return self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]

    def test_a_requested_certificate_is_pending_and_then_issued(self):
        arn = self.request("example.org")
        self.assertEqual(self.status(arn), "PENDING_VALIDATION")
        self.settle_after(1)
        self.eventually("ISSUED", lambda: self.status(arn))

    def test_a_certificate_that_nobody_validates_is_never_issued(self):
        never, later = self.request("pending.example.org"), self.request("example.org")
        self.settle_after(1)
        self.eventually("ISSUED", lambda: self.status(later))
        self.assertEqual(self.status(never), "PENDING_VALIDATION")

    def test_a_server_certificate_has_its_own_expiration(self):
        body, key = certificate(("example.org",), days=10)
        name = {"ServerCertificateName": "one"}
        self.iam.upload_server_certificate(**name, CertificateBody=body.decode(), PrivateKey=key.decode())
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=10)
        listed = self.iam.list_server_certificates()["ServerCertificateMetadataList"][0]
        fetched = self.iam.get_server_certificate(**name)["ServerCertificate"]
        self.assertIn("BEGIN CERTIFICATE", fetched["CertificateBody"])
        for metadata in (listed, fetched["ServerCertificateMetadata"]):
            self.assertLess(abs((metadata["Expiration"] - end).total_seconds()), 60)
