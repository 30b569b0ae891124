"""An independent evaluator of IAM policies beside the product's own."""
