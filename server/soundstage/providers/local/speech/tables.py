"""Word lists written as running text."""


def words(text: str) -> tuple[str, ...]:
    """Words apart by blanks."""
    return tuple(text.split())


def entries(text: str) -> dict[str, str]:
    """Entries such as `des,les=e`, apart by blanks: the words and what each of them stands for."""
    pairs = (entry.split("=") for entry in text.split())
    return {word: value for keys, value in pairs for word in keys.split(",")}
