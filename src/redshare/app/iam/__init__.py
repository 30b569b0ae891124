"""IAM and STS as use cases: identities, their policies, sessions, and who may do what."""
