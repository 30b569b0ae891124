"""EXPLAIN ACCESS: the conditions of reaching an object, as one asker may know them."""

from redshare.sql.why.consumer import ConsumerQuestion
from redshare.sql.why.producer import ProducerQuestion
from redshare.sql.why.sight import Sight

__all__ = ["ConsumerQuestion", "ProducerQuestion", "Sight"]
