"""Operations of the redshift service."""
