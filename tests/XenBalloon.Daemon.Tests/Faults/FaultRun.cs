using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using NSubstitute;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;
using XenBalloon.Daemon.Tests.State;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>A wall clock that can jump.</summary>
internal sealed class JumpingClock(Machine machine) : TimeProvider
{
    private static readonly DateTimeOffset Beginning = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>How far it has jumped.</summary>
    internal TimeSpan Jump { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Beginning + machine.Now + Jump;

    /// <summary>Jumps to where a clock without a battery starts.</summary>
    internal void Reset() => Jump = DateTimeOffset.UnixEpoch - Beginning - machine.Now;
}

/// <summary>
/// Runs the daemon's decisions through a schedule: the balancer, the requests and the state store with real files, on
/// the simulated machine and in simulated time. One thread, so a seed always gives the same run.
/// </summary>
internal sealed class FaultRun : IDisposable
{
    // As in the daemon's loop.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(200),
        PauseWhileMoving = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest time for everything to settle, and the time in which nothing may move then.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromMinutes(90), Rests = TimeSpan.FromMinutes(5);

    private readonly FaultSchedule schedule;
    private readonly Machine machine;
    private readonly FaultChecks checks;
    private readonly StateFolder folder;
    private readonly string configurationFile;
    private readonly Random random;
    private readonly List<Waiting> waiting = [];

    /// <summary>Requests that were carried out and not answered yet, as in the daemon's loop.</summary>
    private readonly List<Waiting> accepted = [];
    private FaultyHost host = null!;
    private StateStore store = null!;
    private RequestHandler handler = null!;
    private long changesSeen;
    private TimeSpan lastPass, due;
    private int starts;

    internal FaultRun(int seed, int steps, DirectoryInfo directory)
    {
        Seed = seed;
        schedule = new FaultSchedule(seed, steps);
        machine = new Machine(schedule.Scenario);
        Clock = new JumpingClock(machine);
        checks = new FaultChecks(this, machine);
        random = new Random(~seed);
        folder = new StateFolder(Trace, directory);
        configurationFile = Path.Combine(directory.FullName, "xenballoon.conf");
        Disk = new StateDisk(folder);
        Requests = new FaultRequests(this, random);
        Disk.Repair();
        Configure("mode = active");
        Start("start");
    }

    /// <summary>The seed of the schedule.</summary>
    internal int Seed { get; }

    /// <summary>What has happened, in words.</summary>
    internal List<string> Trace { get; } = [];

    /// <summary>The number of the present step.</summary>
    internal int Step { get; private set; }

    /// <summary>How often programs were killed because their use jumped after memory was taken.</summary>
    internal int Jumped => checks.Jumped;

    /// <summary>The number of passes.</summary>
    internal long Passes { get; private set; }

    internal JumpingClock Clock { get; }

    internal HostFaults Faults { get; } = new();

    internal StateDisk Disk { get; }

    internal FaultRequests Requests { get; }

    internal Promises Promises { get; } = new();

    internal HostBalancer Balancer { get; private set; } = null!;

    /// <summary>The newest publication.</summary>
    internal Publication Latest => Balancer.Latest;

    /// <summary>The text of the configuration file's section <c>[host]</c>.</summary>
    internal string Configuration { get; private set; } = "";

    /// <summary>Runs all steps, then ends the faults and lets everything settle.</summary>
    /// <exception cref="FaultFoundException">The daemon did what it must not do.</exception>
    internal void Run()
    {
        foreach (FaultStep step in schedule.Steps)
        {
            Step++;
            AdvanceTo(step.At);
            Note(step.Text);
            step.Act?.Invoke(this);
            Pass();
        }

        Settle();
    }

    /// <summary>Queues a request.</summary>
    /// <param name="text">The request, in words.</param>
    /// <param name="act">Carries it out.</param>
    /// <param name="answer">Gets whether it was accepted.</param>
    internal void Post(string text, Action<RequestHandler> act, Action<bool>? answer = null)
    {
        RequestHandler present = handler;
        waiting.Add(new Waiting(new LoopRequest(() => act(present)), text, answer));
        Note(text);
    }

    /// <summary>Writes the configuration file.</summary>
    internal void Configure(string host)
    {
        Configuration = host;
        File.WriteAllText(
            configurationFile,
            $"[host]\nallow-autoballoon = yes\n{host}\n[domain \"unmanaged*\"]\nmanaged = no\n");
    }

    /// <summary>A name that a domain has or will have.</summary>
    internal string AnyName(Random random) =>
        schedule.Scenario.Guests[random.Next(schedule.Scenario.Guests.Length)].Name;

    /// <summary>Changes how much a guest's programs use.</summary>
    internal void Use(GuestDescription guest, KiB amount)
    {
        ((DirectedLoad)guest.Anonymous).Amount = amount;
        checks.OnUseChanged(guest.Name);
    }

    /// <summary>Ends the daemon without a warning and starts another.</summary>
    internal void Restart(string reason)
    {
        waiting.Clear();
        accepted.Clear();
        Start(reason);
    }

    /// <summary>The same, and changes the disk in between.</summary>
    internal void RestartWith(Func<StateDisk, bool> change)
    {
        if (change(Disk)) Promises.Forget();
        Restart("kill -9");
    }

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    private void Start(string reason)
    {
        Note($"a daemon starts: {reason}");
        (Faults.KillsBeforeSaving, Faults.KillsAfterRequests) = (false, false);
        TimeSpan origin = TimeSpan.FromSeconds(1000 * (++starts % 7));
        host = new FaultyHost(machine, Faults, origin) { OnCommand = checks.CheckCommand };
        store = folder.Open();
        var guard = new ActiveGuard(() => Dom0Facts.Unknown);
        DaemonConfiguration read = guard.Check(ConfigurationReader.Read(configurationFile));
        var applier = new PlanApplier(host, new RecordingLogger<PlanApplier>(Trace));
        Balancer = new HostBalancer(host, applier, read, store, Clock);
        var manager = new ServiceNotifier(Clock, Substitute.For<ISystemdNotifier>());
        handler = new RequestHandler(Balancer, store, manager, guard, new RecordingLogger<RequestHandler>(Trace));
        while (!TryFirstPlan())
        {
            // The service manager starts it again.
        }

        HostLimits.Check(read, Latest.Plan.Host.Total);
        Promises.CheckStart(Balancer);
        Promises.CheckPublication(Balancer, Latest);
        due = machine.Now;
    }

    private bool TryFirstPlan()
    {
        try
        {
            Balancer.MakePlan();
            return true;
        }
        catch (CausedFaultException)
        {
            return false;
        }
    }

    /// <summary>Advances the machine, with passes when the daemon's loop would make them.</summary>
    private void AdvanceTo(TimeSpan time)
    {
        while (machine.Now + Tick.Length <= time)
        {
            machine.AdvanceTo(machine.Now + Tick.Length);
            checks.CheckGuests();
            bool isWoken = machine.Changes != changesSeen && machine.Now - lastPass >= LeastPause;
            if (isWoken || machine.Now >= due) Pass();
        }
    }

    /// <summary>One round of the daemon's loop.</summary>
    private void Pass()
    {
        Passes++;
        (changesSeen, lastPass, due) = (machine.Changes, machine.Now, machine.Now + PauseWhileMoving);
        accepted.AddRange(waiting.Where(TryRun));
        waiting.Clear();
        if (Faults.KillsAfterRequests)
        {
            Restart("kill -9 after requests");
            return;
        }

        try
        {
            Publication publication = Balancer.RunPass();
            checks.CheckPass(publication, host);
            if (Faults.KillsBeforeSaving) throw new KilledException();
            store.SaveIfChanged(Balancer.State);
            foreach (Waiting each in accepted) each.Answer?.Invoke(true);
            accepted.Clear();
            Promises.CheckPublication(Balancer, publication);
            bool isBusy = publication.Plan.IsMoving || Balancer.Restoration is not null;
            due = machine.Now + (isBusy ? PauseWhileMoving : Balancer.Settings.Configuration.Interval);
        }
        catch (CausedFaultException)
        {
            // The next attempt may succeed. Requests that were carried out are answered then.
            Note("the pass failed");
        }
        catch (Exception exception) when (exception is HostLostException or KilledException)
        {
            Restart(exception.Message);
        }
    }

    private bool TryRun(Waiting waiting)
    {
        if (waiting.Request.TryRun()) return true;
        Exception refusal = waiting.Request.Completion.Exception!.InnerException!;
        if (refusal is not (ControlException or CausedFaultException or HostLostException))
        {
            throw new FaultFoundException($"'{waiting.Text}' failed: {refusal}");
        }

        Note($"refused: {refusal.Message}");
        waiting.Answer?.Invoke(false);
        return false;
    }

    /// <summary>Ends the faults, and checks that the host comes to rest and that nothing was lost.</summary>
    private void Settle()
    {
        Note("the faults end");
        Faults.Clear();
        Disk.Repair();
        Configure("mode = active");
        Post("reload", handler => handler.Reload());
        Post("mode active", handler => handler.SetMode(BalancerMode.Active));
        Requests.AllLeave();
        Pass();
        TimeSpan last = machine.Now + Settles;
        do
        {
            checks.Unsettled = null;
            AdvanceTo(machine.Now + Rests);
        }
        while (checks.Unsettled is not null && machine.Now < last);

        // Memory goes to and from a guest whose programs are killed and restarted.
        bool isUseSettled = machine.Now - checks.KilledAt > Rests;
        if (isUseSettled && checks.Unsettled is { } unsettled)
        {
            throw new FaultFoundException($"nothing settles: {unsettled}");
        }

        if (isUseSettled) checks.CheckRest(Latest);
        Restart("the end");
    }

    private void Note(string text) => Trace.Add(
        string.Create(CultureInfo.InvariantCulture, $"{Step,5} {machine.Now.TotalSeconds,8:0.0} s  {text}"));

    private sealed record Waiting(LoopRequest Request, string Text, Action<bool>? Answer);
}
