"""Identity and access as values: policy documents, and whether they allow a request.

One request is decided by the policies of its principal, of its session and of its resource;
nothing here knows where they are kept or who asks.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
