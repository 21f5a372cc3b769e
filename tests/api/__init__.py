"""The REST interface and the webhook under whatever their own descriptions, or nobody's, allow."""
