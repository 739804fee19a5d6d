"""A stand-in for Kafka in memory: the mock broker of librdkafka, which other processes may use; prints its address."""

from __future__ import annotations

import signal

from confluent_kafka import Producer


def main() -> None:
    """Serve until this process is ended."""
    producer = Producer({"test.mock.num.brokers": 1, "log_level": 4})
    broker = next(iter(producer.list_topics(timeout=30).brokers.values()))
    print(f"{broker.host}:{broker.port}", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
