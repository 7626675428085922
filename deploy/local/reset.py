"""`make reset`: forgets everything that `make run` keeps, wherever it had to be put."""

import shutil

from deploy.local.account import Account, forget_folder, kept_folder, server_account
from deploy.local.installation import Installation
from deploy.local.process import stop_leftover
from deploy.local.run import CannotRun, only_one_run
from deploy.local.servers import PostgresServer, ValkeyServer
from deploy.local.supervisor import end_leftovers


def main() -> None:
    installation = Installation.here()
    try:
        with only_one_run(installation):
            forget(installation, server_account())
    except CannotRun as reason:
        raise SystemExit(f"{reason}\nStop it first.") from None
    print(f"Forgot {installation.folder}.")


def forget(installation: Installation, account: Account) -> None:
    """Ends what a killed run left running, because a server whose folder is gone still holds its port."""
    postgres = kept_folder(account, installation.folder / "postgres")
    valkey = installation.folder / "valkey"
    end_leftovers(installation.folder / "processes.json")
    stop_leftover(postgres / "data" / PostgresServer.pid_file, postgres / "data", PostgresServer.stop_signal)
    stop_leftover(valkey / ValkeyServer.pid_file, valkey, ValkeyServer.stop_signal)
    forget_folder(account, installation.folder / "postgres")
    shutil.rmtree(installation.folder)


if __name__ == "__main__":
    main()
