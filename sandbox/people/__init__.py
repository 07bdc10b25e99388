"""People of the sandbox: who they are, what they hold and follow, how they are reached."""

from sandbox.people.crowd import BUSIEST, USUAL_CROWD, Crowd, CrowdPlan
from sandbox.people.person import Device, Follow, Person, Position
from sandbox.people.routes import PeopleRoutes

__all__ = [
    "BUSIEST",
    "USUAL_CROWD",
    "Crowd",
    "CrowdPlan",
    "Device",
    "Follow",
    "PeopleRoutes",
    "Person",
    "Position",
]
