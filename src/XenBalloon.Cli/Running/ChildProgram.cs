using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Running;

/// <summary>
/// A program that runs in our place for a while, with our terminal. Signals that are meant to end us are meant for it: it has those of the keyboard from the
/// terminal itself, the others are handed on, and we outlive it to put in order what was made for it.
/// </summary>
internal sealed partial class ChildProgram : IDisposable
{
    private readonly Process process;
    private readonly PosixSignalRegistration[] registrations;

    private ChildProgram(Process process, bool hasKeyboard)
    {
        this.process = process;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => HandOn(context, Signal.Terminate)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => HandOn(context, Signal.HangUp)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => HandOn(context, hasKeyboard ? null : Signal.Interrupt)),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => HandOn(context, hasKeyboard ? null : Signal.Quit)),
        ];
    }

    /// <summary>Signals by their numbers, which Linux has on every machine that Xen runs on.</summary>
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

    /// <summary>What we carry between it and others, where we do; it has not ended before that has.</summary>
    internal Task Conversation { get; set; } = Task.CompletedTask;

    /// <summary>Starts a program.</summary>
    /// <param name="command">Its name or path, and its arguments.</param>
    /// <param name="hasKeyboard">Whether we have a terminal, whose keys send their signals to it too.</param>
    /// <param name="weFeedIt">Whether its input and output go through us; else they are ours.</param>
    /// <exception cref="ChildProgramException">It cannot be started.</exception>
    internal static ChildProgram Start(IReadOnlyList<string> command, bool hasKeyboard, bool weFeedIt)
    {
        string file = ProgramPath.Find(command[0], Environment.GetEnvironmentVariable("PATH") ?? "")
            ?? throw new ChildProgramException($"there is no program '{command[0]}': look at its name, and at PATH");
        var start = new ProcessStartInfo(file, command.Skip(1)) { RedirectStandardInput = weFeedIt, RedirectStandardOutput = weFeedIt };
        try
        {
            return new ChildProgram(Process.Start(start)!, hasKeyboard);
        }
        catch (Win32Exception exception)
        {
            throw new ChildProgramException($"cannot run {Printable.Of(file)}: {exception.Message}", exception);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit status; 128 and the signal's number where one ended it, as shells have it.</returns>
    internal int Status()
    {
        process.WaitForExit();
        Conversation.Wait();
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        process.Dispose();
    }

    private void HandOn(PosixSignalContext context, Signal? signal)
    {
        context.Cancel = true;

        // It may have ended meanwhile: then there is nobody to tell.
        if (signal is { } sent) _ = Kill(process.Id, (int)sent);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
