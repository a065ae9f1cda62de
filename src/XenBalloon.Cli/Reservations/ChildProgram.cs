using System.Diagnostics;
using System.Runtime.InteropServices;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Reservations;

/// <summary>
/// A child process that runs in the foreground in place of this one. Signals that end this process are forwarded to the
/// child, which gets those of the keyboard from the terminal itself. This process outlives the child, to clean up.
/// </summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan RelayDrainLimit = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly PosixSignalRegistration[] registrations;

    private ChildProgram(Process process)
    {
        this.process = process;
        registrations =
        [
            Forward(PosixSignal.SIGTERM, SignalNumber.Terminate),
            Forward(PosixSignal.SIGHUP, SignalNumber.HangUp),
            ForwardUnlessFromKeyboard(PosixSignal.SIGINT, SignalNumber.Interrupt),
            ForwardUnlessFromKeyboard(PosixSignal.SIGQUIT, SignalNumber.Quit),
        ];
    }

    private enum SignalNumber
    {
        HangUp = 1,
        Interrupt = 2,
        Quit = 3,
        Terminate = 15,
    }

    /// <summary>Whether the child has exited.</summary>
    internal bool HasExited => process.HasExited;

    /// <summary>The child's standard input, if it is redirected.</summary>
    internal Stream Input => process.StandardInput.BaseStream;

    /// <summary>The child's standard output, if it is redirected.</summary>
    internal Stream Output => process.StandardOutput.BaseStream;

    /// <summary>The task that relays the child's redirected streams; it never fails.</summary>
    internal Task Relay { get; set; } = Task.CompletedTask;

    /// <summary>Starts a child.</summary>
    /// <param name="command">Its name or path, and its arguments.</param>
    /// <param name="redirects">Whether this process handles the child's standard input and output.</param>
    /// <exception cref="ProgramException">The child cannot be started.</exception>
    internal static ChildProgram Start(IReadOnlyList<string> command, bool redirects) =>
        new(ProgramLauncher.Start(command, start =>
        {
            start.RedirectStandardInput = redirects;
            start.RedirectStandardOutput = redirects;
        }));

    /// <summary>Sends SIGTERM to the child.</summary>
    internal void Terminate() => Send(SignalNumber.Terminate);

    /// <summary>Waits until the child exits.</summary>
    /// <returns>Its exit status; 128 plus the number of the signal that ended it, as in shells.</returns>
    internal int WaitForExit()
    {
        process.WaitForExit();

        // The child's last output is still in the pipe. The wait is limited, since a process that the child left behind
        // may hold the pipe open.
        Relay.Wait(RelayDrainLimit);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        process.Dispose();
    }

    private PosixSignalRegistration Forward(PosixSignal signal, SignalNumber number) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Send(number);
        });

    /// <summary>
    /// A key of the terminal sends its signal to the whole foreground process group, the child included.
    /// </summary>
    private PosixSignalRegistration ForwardUnlessFromKeyboard(PosixSignal signal, SignalNumber number) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (!IsForeground()) Send(number);
        });

    private static bool IsForeground() => Libc.ForegroundGroup(0) == Libc.ProcessGroup();

    /// <summary>The result is ignored: the child may have exited meanwhile.</summary>
    private void Send(SignalNumber number) => _ = Libc.Kill(process.Id, (int)number);
}
