using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Running;

/// <summary><c>xenballoon run</c>: finds out what a command starts, and runs it with memory set aside for that.</summary>
internal sealed class StartingRun(Terminal terminal, RunOptions options)
{
    /// <summary>Runs it.</summary>
    /// <returns>Its exit status, or ours where it was not run.</returns>
    /// <exception cref="ChildProgramException">It cannot be run.</exception>
    internal int Go()
    {
        XlCommandLine? xl = XlCommandLine.Of(options.Command);
        if (xl is null && options.Need is null) return Refuse();
        ChildStart.Find(options.Command[0]);
        if (xl is { Start: XlStart.MigrateReceive }) return Receive();
        return Plan(xl) is { } plan ? Reserved(plan, Launch) : Plainly(Launch);
    }

    private int Refuse()
    {
        string program = Printable.Of(options.Command[0]);
        terminal.Error.WriteLine(
            $"xenballoon: unknown how much memory '{program}' takes: give --need SIZE, and --for with the domain that it starts");
        return (int)ExitCode.Usage;
    }

    /// <summary>Where that cannot be found out, the command has its way: xl says better than we what is wrong with its own files.</summary>
    private PlannedStart? Plan(XlCommandLine? xl)
    {
        PlannedStart? told = options.Need is { } need ? new PlannedStart(need, options.For ?? "") : null;
        if (xl is null or { Start: XlStart.None }) return told;
        try
        {
            return PlannedStart.Of(StartPlanner.Plan(xl), options);
        }
        catch (ToolstackException exception)
        {
            if (told is null) Without.Say(terminal, exception.Message);
            return told;
        }
    }

    private static int Plainly(Func<ChildProgram> launch)
    {
        using ChildProgram child = launch();
        return child.Status();
    }

    private int Reserved(PlannedStart start, Func<ChildProgram> launch) => new ReservedRun(terminal).Go(start, options.Within, launch);

    private int Receive()
    {
        using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        var relay = new MigrationRelay(input, output);
        var read = new MemoryStream();
        relay.Greet();
        return Announced(input, read) is { } start ? Reserved(start with { IsIncoming = true }, Relay) : Plainly(Relay);

        ChildProgram Relay()
        {
            ChildProgram receiver = ChildProgram.Start(options.Command, weFeedIt: true);
            receiver.Conversation = Task.Run(() => relay.Carry(receiver, read.ToArray()));
            return receiver;
        }
    }

    private PlannedStart? Announced(Stream input, MemoryStream read)
    {
        try
        {
            return PlannedStart.Of(SavedDomain.Read(input, "what the sender sends", read), options);
        }
        catch (Exception exception) when (exception is ToolstackException or IOException)
        {
            if (options.Need is { } need) return new PlannedStart(need, options.For ?? "");
            Without.Say(terminal, exception.Message);
            return null;
        }
    }

    private ChildProgram Launch() => ChildProgram.Start(options.Command, weFeedIt: false);
}
