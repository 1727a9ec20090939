"""Spans, where TRACES=on asks for them. Nothing else imports OpenTelemetry."""
