"""Operations of the iam and sts services."""
