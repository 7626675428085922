"""The demo credentials of both stand-ins. They open nothing but the sandbox, so they are public on purpose."""

APPXITE_REQUESTER_ID = "6f1c2a58-0d3b-4c77-9a41-5e2b8d90c7f3"
APPXITE_KEY = "sandbox-sas-key-0001"
APPXITE_SELLER_NAME = "Northwind Cloud Services"

CONNECTWISE_COMPANY_ID = "northwind"
CONNECTWISE_PUBLIC_KEY = "SandboxPublicKey"
CONNECTWISE_PRIVATE_KEY = "SandboxPrivateKey"
CONNECTWISE_CLIENT_ID = "3c9e5c1e-4b52-4f0b-8a3e-7d1f60a2b914"
