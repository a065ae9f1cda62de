using System.ComponentModel;
using System.Diagnostics;
using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Connections;

/// <summary>
/// The system bus of another host, reached through ssh and systemd's bridge, which authenticates on the remote bus. The
/// standard error of ssh and the bridge is inherited.
/// </summary>
/// <param name="host">The host, as ssh accepts it.</param>
internal sealed class RemoteBus(string host) : BusTransport
{
    /// <summary>The program that connects its standard input and output to the system bus.</summary>
    private const string Bridge = "systemd-stdio-bridge";

    private const int CommandNotFound = 127, SshFailed = 255;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(2);

    private Process? ssh;

    /// <summary>Long, because ssh may ask for a password.</summary>
    internal override TimeSpan ConnectTimeout => TimeSpan.FromMinutes(2);

    /// <summary>Translates the exit status of ssh.</summary>
    internal override BusUnavailableException Explain(Exception failure)
    {
        if (failure.InnerException is Win32Exception)
        {
            return new BusUnavailableException(BusUnavailableCause.NoBus, failure.Message, failure);
        }

        int? status = ssh is not null && ssh.WaitForExit(ExitTimeout) ? ssh.ExitCode : null;
        string message = status switch
        {
            CommandNotFound => $"{host} has no {Bridge}: "
                + $"install systemd there (Debian: systemd), or run xenballoon on {host} itself",
            SshFailed => $"ssh cannot connect to {host}: try 'ssh {host} true'",
            _ => $"cannot reach the system bus of {host}, or lost the connection to it: "
                + $"try 'ssh {host} {Bridge}', and start dbus there",
        };
        return new BusUnavailableException(BusUnavailableCause.NoBus, message, failure);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        if (ssh is null) return;

        // ssh exits at the end of its input, unless it waits for a password or for a lost network.
        if (!ssh.WaitForExit(ExitTimeout)) ssh.Kill();
        ssh.Dispose();
    }

    /// <inheritdoc/>
    protected override ValueTask<SetupResult> SetupAsync(CancellationToken cancellationToken)
    {
        string[] arguments =
            ["-xT", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", "--", host, Bridge];
        try
        {
            ssh = Process.Start(new ProcessStartInfo("ssh", arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new DBusConnectFailedException(
                $"cannot start ssh ({exception.Message}): install the OpenSSH client", exception);
        }

        return ValueTask.FromResult(new SetupResult
        {
            ConnectionStream = new ChildStream(ssh),
            UserId = UserId,
            MachineId = MachineId,
        });
    }
}

/// <summary>A child's standard output and input as one stream; closing it closes the child's input.</summary>
internal sealed class ChildStream(Process child) : ConnectionStream
{
    private readonly Stream output = child.StandardOutput.BaseStream, input = child.StandardInput.BaseStream;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        output.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await input.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await input.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Flush() => input.Flush();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                // ssh exits at the end of its input, which also completes a pending read.
                input.Dispose();
            }
            catch (IOException)
            {
                // ssh has exited already.
            }
        }

        base.Dispose(disposing);
    }
}
