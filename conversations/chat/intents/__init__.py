"""What a message asks: its intent and its slots, in English and both Chinese scripts, without a language model."""

from conversations.chat.intents.reading import Reading, read

__all__ = ["Reading", "read"]
