"""The keys of the pretend services: they guard nothing, and are written here so that everybody can sign in.

Every service has a key of its own, so that the wrong one is refused as in earnest.
"""

ANALYTICS = "sandbox-key"
SOCIAL = "sandbox-social-key"
MODELS = "sandbox-ai-key"
DEALS = "sandbox-crm-key"
SHOP = "sandbox-shop-key"
ROOM = "sandbox-room-key"

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-client-secret"
SIGNING_KEY = "sandbox-signing-key-of-32-letters"  # of the gateway's tokens, HS256
ISSUERS = frozenset({"sandbox-gateway", CLIENT_ID})  # the token endpoint, and whoever signs with the key himself
