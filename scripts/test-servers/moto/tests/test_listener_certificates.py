from .aws import AwsTest, certificate


class ListenerCertificates(AwsTest):
    def setUp(self):
        super().setUp()
        self.default, self.second, self.third = (self.certificate(f"{it}.example.org") for it in "abc")
        self.balancer = self.load_balancer()["LoadBalancerArn"]
        self.arn = self.https_listener(self.balancer, self.default)["ListenerArn"]

    def add(self, *certificates, listener=None):
        return self.elbv2.add_listener_certificates(
            ListenerArn=listener or self.arn, Certificates=[{"CertificateArn": it} for it in certificates]
        )

    def remove(self, *certificates):
        return self.elbv2.remove_listener_certificates(
            ListenerArn=self.arn, Certificates=[{"CertificateArn": it} for it in certificates]
        )

    def certificates(self):
        answer = self.elbv2.describe_listener_certificates(ListenerArn=self.arn)["Certificates"]
        return [(it["CertificateArn"], it["IsDefault"]) for it in answer]

    def test_the_default_certificate_and_the_others_are_shown(self):
        self.add(self.second)
        self.assertEqual(self.certificates(), [(self.default, True), (self.second, False)])
        described = self.elbv2.describe_listeners(ListenerArns=[self.arn])["Listeners"][0]
        self.assertEqual(described["Certificates"], [{"CertificateArn": self.default}])

    def test_adding_twice_adds_once_and_removing_twice_is_no_error(self):
        self.add(self.second)
        self.add(self.second)
        self.assertEqual(len(self.certificates()), 2)
        self.remove(self.second)
        self.remove(self.second)
        self.assertEqual(self.certificates(), [(self.default, True)])

    def test_the_default_certificate_can_be_in_the_list_as_well_and_cannot_be_removed(self):
        self.add(self.default)
        self.assertEqual(self.certificates(), [(self.default, True), (self.default, False)])
        with self.assertRaises(self.elbv2.exceptions.OperationNotPermittedException):
            self.remove(self.default)

    def test_a_new_default_replaces_the_old_one_and_keeps_the_others(self):
        self.add(self.second)
        certificates = [{"CertificateArn": self.third}]
        self.elbv2.modify_listener(ListenerArn=self.arn, Certificates=certificates)
        self.assertEqual(self.certificates(), [(self.third, True), (self.second, False)])

    def test_a_certificate_that_does_not_exist_or_is_not_issued_is_refused(self):
        acm = self.clients["acm"]
        acm.delete_certificate(CertificateArn=self.third)
        add = self.elbv2.add_listener_certificates
        unknown = [{"CertificateArn": self.third}]
        self.assert_refused("CertificateNotFound", add, ListenerArn=self.arn, Certificates=unknown)
        pending = acm.request_certificate(DomainName="d.example.org")["CertificateArn"]
        self.assert_refused(
            "UnsupportedCertificate", add, ListenerArn=self.arn, Certificates=[{"CertificateArn": pending}]
        )

    def test_the_limit_is_that_of_the_load_balancer_without_defaults(self):
        issued = [self.iam_certificate(number) for number in range(26)]
        other = self.https_listener(self.balancer, self.second, 8443)["ListenerArn"]
        self.add(*issued[:20])
        self.add(*issued[20:25], listener=other)
        one_more = [{"CertificateArn": issued[25]}]
        self.assert_refused(
            "TooManyCertificates",
            self.elbv2.add_listener_certificates,
            ListenerArn=self.arn,
            Certificates=one_more,
        )
        self.remove(issued[0])
        self.add(issued[25])

    def iam_certificate(self, number):
        if number == 0:
            self.pair = tuple(text.decode() for text in certificate(("e.example.org",)))
        answer = self.clients["iam"].upload_server_certificate(
            ServerCertificateName=f"certificate-{number}", CertificateBody=self.pair[0], PrivateKey=self.pair[1]
        )
        return answer["ServerCertificateMetadata"]["Arn"]
