"""A real Elasticsearch for tests and for a person: `scripts/elasticsearch`."""
