"""One folder a provider. They are discovered (providers.registry), never listed."""
