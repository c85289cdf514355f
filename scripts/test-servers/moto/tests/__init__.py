"""What the patches change, seen from outside: over the wire, with AWS's own client for Python.

Run with the server that `AWS_ENDPOINT_URL` names; host/test-servers does it with one that it starts.
"""
