using System.Diagnostics;
using System.Runtime.InteropServices;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Running;

/// <summary>
/// A program that runs in our place for a while, with our terminal. Signals that are meant to end us are meant for it: it has those of the keyboard from the
/// terminal itself, the others are handed on, and we outlive it to put in order what was made for it.
/// </summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly PosixSignalRegistration[] registrations;

    private ChildProgram(Process process)
    {
        this.process = process;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => HandOn(context, Signal.Terminate)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => HandOn(context, Signal.HangUp)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => HandOn(context, HasKeyboard() ? null : Signal.Interrupt)),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => HandOn(context, HasKeyboard() ? null : Signal.Quit)),
        ];
    }

    /// <summary>Signals by their numbers.</summary>
    private enum Signal
    {
        HangUp = 1,
        Interrupt = 2,
        Quit = 3,
        Terminate = 15,
    }

    /// <summary>Whether it has ended.</summary>
    internal bool HasEnded => process.HasExited;

    /// <summary>What it reads, where <see cref="Start"/> was told that we feed it.</summary>
    internal Stream Input => process.StandardInput.BaseStream;

    /// <summary>What it writes, likewise.</summary>
    internal Stream Output => process.StandardOutput.BaseStream;

    /// <summary>What we carry between it and others, where we do; nothing that fails.</summary>
    internal Task Conversation { get; set; } = Task.CompletedTask;

    /// <summary>Starts a program.</summary>
    /// <param name="command">Its name or path, and its arguments.</param>
    /// <param name="weFeedIt">Whether its input and output go through us; else they are ours.</param>
    /// <exception cref="ChildProgramException">It cannot be started.</exception>
    internal static ChildProgram Start(IReadOnlyList<string> command, bool weFeedIt) =>
        new(ChildStart.Start(command, start => (start.RedirectStandardInput, start.RedirectStandardOutput) = (weFeedIt, weFeedIt)));

    /// <summary>Asks it to end.</summary>
    internal void Terminate() => Send(Signal.Terminate);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit status; 128 and the signal's number where one ended it, as shells have it.</returns>
    internal int Status()
    {
        process.WaitForExit();

        // What it has said is in the pipe. Something that it left behind may hold that open for ever.
        Conversation.Wait(Draining);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        process.Dispose();
    }

    /// <summary>Whether we and it have the terminal, whose keys send their signals to it too.</summary>
    private static bool HasKeyboard() => Libc.ForegroundGroup(0) == Libc.ProcessGroup();

    private void HandOn(PosixSignalContext context, Signal? signal)
    {
        context.Cancel = true;
        if (signal is { } sent) Send(sent);
    }

    /// <summary>It may have ended meanwhile: then there is nobody to tell.</summary>
    private void Send(Signal signal) => _ = Libc.Kill(process.Id, (int)signal);
}
