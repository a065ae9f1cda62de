using XenBalloon.Cli.Output;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Reservations;

/// <summary>The options of <c>xenballoon run</c>.</summary>
/// <param name="Command">The command and its arguments.</param>
/// <param name="Need">How much memory the command needs; null to work it out.</param>
/// <param name="For">The name or UUID of the domain that it starts; null to work it out.</param>
/// <param name="Timeout">How long to wait until the memory is free.</param>
internal sealed record RunOptions(IReadOnlyList<string> Command, KiB? Need, string? For, TimeSpan Timeout);

/// <summary>
/// <c>xenballoon run</c>: works out how much memory a command needs and runs it with that memory set aside. If the need
/// cannot be worked out, the command runs without a reservation, so that xl itself reports what is wrong. A domain that
/// a command saves or migrates is held meanwhile.
/// </summary>
internal sealed class DomainStarter(Terminal terminal, RunOptions options)
{
    /// <summary>Runs the command.</summary>
    /// <returns>Its exit status, or this program's if the command is not run.</returns>
    /// <exception cref="ProgramException">The command cannot be run.</exception>
    /// <exception cref="CommandNotRunException">The command's memory did not become free.</exception>
    internal int Run()
    {
        XlCommandLine? xl = XlCommandLine.Of(options.Command);
        if (xl is null && options.Need is null) return RefuseUnknownNeed();
        ProgramLauncher.Find(options.Command[0]);
        if (xl is { SentDomain: { } sent }) return new HeldDomain(terminal, sent).Run(Launch);
        if (xl is { Start: XlStart.MigrateReceive }) return Receive();
        return NeedOf(xl) is { } need ? RunReserved(need, Launch) : RunUnreserved(Launch);
    }

    private int RefuseUnknownNeed()
    {
        string program = Printable.Of(options.Command[0]);
        terminal.Error.WriteLine(
            $"xenballoon: cannot determine the memory that '{program}' needs: "
            + "give --need SIZE, and --for NAME for the domain that it starts");
        return (int)ExitCode.Usage;
    }

    private StartNeed? NeedOf(XlCommandLine? xl)
    {
        StartNeed? given = options.Need is { } size ? new StartNeed(size, options.For ?? "") : null;
        if (xl is null or { Start: XlStart.None }) return given;
        try
        {
            return NeedOf(DomainPlan.Read(xl));
        }
        catch (ToolstackException exception)
        {
            if (given is null) ReservedProgram.WarnUnreserved(terminal, exception.Message);
            return given;
        }
    }

    private StartNeed NeedOf(DomainConfiguration domain) =>
        new(options.Need ?? MemoryNeed.Of(domain).Total, options.For ?? domain.Name);

    private static int RunUnreserved(Func<ChildProgram> launch)
    {
        using ChildProgram child = launch();
        return child.WaitForExit();
    }

    private int RunReserved(StartNeed need, Func<ChildProgram> launch) =>
        new ReservedProgram(terminal).Run(need, options.Timeout, launch);

    private ChildProgram Launch() => ChildProgram.Start(options.Command, redirects: false);

    private int Receive()
    {
        using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        var relay = new MigrationRelay(input, output);
        var read = new MemoryStream();
        relay.SendBanner();
        return NeedOfIncoming(input, read) is { } need
            ? RunReserved(need with { IsIncoming = true }, LaunchReceiver)
            : RunUnreserved(LaunchReceiver);

        ChildProgram LaunchReceiver()
        {
            ChildProgram receiver = ChildProgram.Start(options.Command, redirects: true);
            receiver.Relay = Task.Run(() => relay.Run(receiver, read.ToArray()));
            return receiver;
        }
    }

    private StartNeed? NeedOfIncoming(Stream input, MemoryStream read)
    {
        try
        {
            return NeedOf(SavedDomain.Read(input, "the sender's data", read));
        }
        catch (Exception exception) when (exception is ToolstackException or IOException)
        {
            if (options.Need is { } size) return new StartNeed(size, options.For ?? "");
            ReservedProgram.WarnUnreserved(terminal, exception.Message);
            return null;
        }
    }
}
