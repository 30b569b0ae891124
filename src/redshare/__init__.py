"""Redshare: Amazon Redshift data sharing that anyone can run."""

__version__ = "0.1.0"
