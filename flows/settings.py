"""Settings: ``NOTICEBOARD_*`` from the environment, read once, each with a default that works."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from extractors import contracts_finder, find_a_tender


class Settings(BaseSettings):
    """What the environment says."""

    model_config = SettingsConfigDict(env_prefix="NOTICEBOARD_", env_ignore_empty=True, frozen=True)

    warehouse_url: SecretStr = Field(
        default=SecretStr("sqlite:///data/noticeboard.db"),
        description="Where the warehouse is: an SQLAlchemy URL of SQLite or PostgreSQL.",
    )
    data_dir: Path = Field(default=Path("data"), description="Where archive, registers, state and snapshots are kept.")
    export_dir: Path = Field(default=Path("data/export"), description="Where readers find what is published.")
    contracts_finder_url: AnyHttpUrl = Field(
        default=AnyHttpUrl(contracts_finder.HOST),
        description="Scheme and host of Contracts Finder; a stand-in can take its place.",
    )
    find_a_tender_url: AnyHttpUrl = Field(
        default=AnyHttpUrl(find_a_tender.HOST),
        description="Scheme and host of Find a Tender; a stand-in can take its place.",
    )
    rate_limit_wait: float | None = Field(
        default=None, ge=0, description="Seconds that replace every documented wait and the pacing: for tests only."
    )
    first_day: date | None = Field(default=None, description="First day that a first nightly run asks for.")
    registers_url: AnyHttpUrl | None = Field(
        default=None, description="Scheme and host of a stand-in for the service of every register: for tests."
    )
    overrides: Path | None = Field(default=None, description="The CSV file of people's decisions about suppliers.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="How much is logged.")

    def service_url(self, source: str) -> AnyHttpUrl:
        """Return scheme and host of a service, by the name of the source."""
        return {
            contracts_finder.SOURCE: self.contracts_finder_url,
            find_a_tender.SOURCE: self.find_a_tender_url,
        }[source]

    def with_folder(self, folder: Path) -> "Settings":
        """Return the same settings with everything kept below one folder, and a SQLite warehouse in it."""
        return self.model_copy(
            update={
                "warehouse_url": SecretStr(f"sqlite:///{folder / 'noticeboard.db'}"),
                "data_dir": folder,
                "export_dir": folder / "export",
            }
        )
