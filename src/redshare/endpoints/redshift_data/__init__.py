"""Operations of the redshift-data service: SQL without a connection."""
