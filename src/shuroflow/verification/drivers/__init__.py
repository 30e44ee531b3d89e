"""Drivers: how the kit speaks to the system it checks.

The interface, and one driver for each way to reach a system: our own desk in this process, a command line spoken to
over JSON Lines, a database or export that can only be looked at afterwards.
"""

from __future__ import annotations

from shuroflow.verification.drivers.desk import DeskDriver
from shuroflow.verification.drivers.process import ProcessDriver
from shuroflow.verification.drivers.protocol import (
    Abilities,
    Able,
    Answer,
    Driver,
    DriverFactory,
    OpenDuty,
    Standing,
    TakesCorrections,
    TellsDuties,
    TellsStanding,
    abilities,
)
from shuroflow.verification.drivers.serving import factory_of, serve

__all__ = [
    "Abilities",
    "Able",
    "Answer",
    "DeskDriver",
    "Driver",
    "DriverFactory",
    "OpenDuty",
    "ProcessDriver",
    "Standing",
    "TakesCorrections",
    "TellsDuties",
    "TellsStanding",
    "abilities",
    "factory_of",
    "serve",
]
