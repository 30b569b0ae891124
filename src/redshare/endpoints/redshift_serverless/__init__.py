"""Operations of the redshift-serverless service."""
