using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// The daemon's only loop: a change on the host, a request or the interval starts a balancing pass, whose outcome it
/// publishes. All other threads only queue requests.
/// </summary>
internal sealed class BalancingLoop(
    IXenHost host,
    HostBalancer balancer,
    LoopSignal signal,
    RequestQueue requests,
    IControl control,
    StateStore store,
    ControlBus bus,
    ServiceNotifier manager,
    StopDeadline deadline,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<BalancingLoop> logger) : BackgroundService
{
    /// <summary>The least time between two passes: guests that write often cannot make the loop spin.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The same after fresh reports were requested for a domain that lacks memory: agents answer within some tens of
    /// milliseconds. A guest cannot cause more requests.
    /// </summary>
    private static readonly TimeSpan MinPauseAfterRequest = TimeSpan.FromMilliseconds(50);

    /// <summary>The interval while a balloon moves, which fires no watch.</summary>
    private static readonly TimeSpan PauseWhileMoving = TimeSpan.FromMilliseconds(500);

    /// <summary>After so many failed passes in a row, a restart is the better chance.</summary>
    private const int MaxFailures = 20;

    /// <summary>
    /// Within the 30 s that .NET's host and the unit (TimeoutStopSec) allow for a stop.
    /// </summary>
    private static readonly TimeSpan LongestRestoreAtStop = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a stop may take, apart from that. If it takes longer, something hangs. With the signal's way through
    /// .NET and the exit, it ends within 2 s.
    /// </summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1.5);

    private const string
        MinimumsExceedHost = "the minimums of the domains exceed the host's memory, so no memory is moved: "
            + "lower some minimums, or stop a domain",
        DemandExceedsHost = "a domain needs more memory than can be freed: "
            + "add memory, lower the minimum of another domain, or stop a domain",
        FreeBelowSlack = "less memory than 'slack' is free, and no domain can give any up: "
            + "stop a domain, reduce one that is not managed, or lower 'slack'";

    private readonly Dictionary<DomainIdentity, SettingConflict> conflicts = [];
    private ImmutableArray<DomainDecision> decisions = [];
    private HostAlarm alarm;
    private ImmutableArray<RaisedAlarm> domainAlarms = [];
    private Task? change;
    private PosixSignalRegistration? hangUp;

    /// <summary>How the loop ended; <see cref="ExitStatus.Ok"/> while it runs.</summary>
    internal ExitStatus ExitStatus { get; private set; }

    private bool RestoresAtStop =>
        balancer.Settings is { Mode: not BalancerMode.Observe, Configuration.OnStop: StopAction.Restore };

    /// <summary>
    /// Takes the bus name before anything is written to a guest, so that a second daemon fails in time.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before READY=1: an unhandled SIGHUP would end the process.
        hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        lifetime.ApplicationStopping.Register(() => deadline.Allow(LongestStop));
        Publication first = balancer.MakePlan();
        HostLimits.Check(balancer.Settings.Configuration, first.Plan.Host.Total);
        bus.Start(first);
        manager.Ready();
        HostDecision decision = first.Plan.Host;
        logger.Started(
            first.Version,
            first.Host,
            EnumText.Of(first.Mode),
            first.Plan.Domains.Length,
            decision.Free,
            decision.Total);
        if (balancer.Settings.ModeReason is { } refusal) logger.ActiveRefused(refusal);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        hangUp?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => RunThread(stoppingToken),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void RunThread(CancellationToken stopping)
    {
        try
        {
            using (stopping.Register(signal.Wake)) Run(stopping);
            RestoreAtStop();
            logger.Stopped();
        }
        catch (HostLostException exception)
        {
            logger.HostLost(exception.Message);
            ExitStatus = ExitStatus.HostLost;
        }
        catch (TooManyFailuresException exception)
        {
            logger.TooManyFailures(MaxFailures, exception.InnerException!);
            ExitStatus = ExitStatus.Failed;
        }
        catch (Exception exception)
        {
            logger.InternalError(exception);
            ExitStatus = ExitStatus.Failed;
        }

        manager.Stopping();
        lifetime.StopApplication();
    }

    /// <summary>Gives domains back what they booted with, if the configuration says so.</summary>
    private void RestoreAtStop()
    {
        if (!RestoresAtStop) return;
        deadline.Allow(LongestRestoreAtStop + LongestStop);
        logger.Restoring(LongestRestoreAtStop.TotalSeconds, "xenballoond ends", "on-stop = restore");
        balancer.AbandonRestoration(new ControlException("ended early: the daemon is being stopped"));
        balancer.Restore(LongestRestoreAtStop);
        long began = time.GetTimestamp();
        while (balancer.Restoration is not null && time.GetElapsedTime(began) < LongestRestoreAtStop + PauseWhileMoving)
        {
            long passBegan = time.GetTimestamp();
            try
            {
                Publication publication = balancer.RunPass();
                store.SaveIfChanged(balancer.State);
                Publish(publication);
            }
            catch (Exception exception) when (exception is not HostLostException)
            {
                logger.PassFailed(exception.Message);
            }

            if (balancer.Restoration is null) break;
            Wait(passBegan, PauseWhileMoving, MinPause);
        }

        deadline.Allow(LongestStop);
    }

    private void Run(CancellationToken stopping)
    {
        // Requests that were carried out. Their callers wait for a pass, since the outcome is not published before.
        var accepted = new List<LoopRequest>();
        int failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            long began = time.GetTimestamp();
            accepted.AddRange(requests.TakeAll().Where(request => request.TryRun()));
            TimeSpan pause = PauseWhileMoving, minPause = MinPause;
            try
            {
                Publication publication = balancer.RunPass();
                store.SaveIfChanged(balancer.State);
                Publish(publication);
                foreach (LoopRequest request in accepted) request.Complete(publication);
                accepted.Clear();
                Plan plan = publication.Plan;
                bool isBusy = plan.IsMoving || balancer.Restoration is not null;
                pause = isBusy ? PauseWhileMoving : balancer.Settings.Configuration.Interval;
                bool requested = plan.Commands.Any(command => command.Kind == HostCommandKind.RequestReport);
                if (requested) minPause = MinPauseAfterRequest;
                failures = 0;
            }
            catch (Exception exception) when (exception is not HostLostException)
            {
                // Reading the host may fail for a moment; every domain keeps its target meanwhile.
                logger.PassFailed(exception.Message);
                if (++failures >= MaxFailures)
                {
                    foreach (LoopRequest request in accepted) request.Fail(exception);
                    throw new TooManyFailuresException(exception);
                }
            }

            Wait(began, pause, minPause);
        }
    }

    private void Publish(Publication publication)
    {
        bus.Publish(publication);
        foreach (Reservation ended in publication.Plan.Ended)
        {
            string explanation = ended.Explain();
            logger.ReservationEnded(ended.Id, EnumText.Of(ended.State), explanation);
        }

        LogConflicts(publication);
        LogAlarms(publication);
        HostDecision decision = publication.Plan.Host;
        string mode = EnumText.Of(publication.Mode);
        manager.Alive($"mode {mode}: {publication.Plan.Domains.Length} domains, {decision.Free} free");
        if (decision.Alarm == alarm) return;
        alarm = decision.Alarm;
        if (alarm == HostAlarm.None) logger.AlarmCleared();
        else logger.AlarmRaised(Advice(alarm));
    }

    private static string Advice(HostAlarm alarm) => alarm switch
    {
        HostAlarm.MinimumsExceedHost => MinimumsExceedHost,
        HostAlarm.FreeBelowSlack => FreeBelowSlack,
        _ => DemandExceedsHost,
    };

    private void LogAlarms(Publication publication)
    {
        ImmutableArray<RaisedAlarm> before = domainAlarms, now = domainAlarms = publication.Alarms;
        if (now == before) return;
        foreach (RaisedAlarm cleared in before.Except(now))
        {
            logger.DomainAlarmCleared(cleared.Name, cleared.Domain.Domid, EnumText.Of(cleared.Kind));
        }

        foreach (RaisedAlarm raised in now.Except(before))
        {
            (string kind, int domid) = (EnumText.Of(raised.Kind), raised.Domain.Domid);
            string reason = raised.Reason.Explain(publication.Plan.Host, publication.Settings);
            logger.DomainAlarmRaised(raised.Name, domid, kind, reason, raised.Remedy);
        }
    }

    /// <summary>Logs settings that are not in force, once for each domain until that changes.</summary>
    private void LogConflicts(Publication publication)
    {
        if (conflicts.Count > publication.Plan.Domains.Length)
        {
            foreach (DomainIdentity gone in conflicts.Keys.Where(domain => publication.Find(domain) is null).ToArray())
            {
                conflicts.Remove(gone);
            }
        }

        ImmutableArray<DomainDecision> before = decisions;
        decisions = publication.Plan.Domains;
        for (int i = 0; i < decisions.Length; i++)
        {
            DomainDecision decision = decisions[i];
            if (i < before.Length && ReferenceEquals(decision, before[i])) continue;
            DomainSnapshot domain = decision.Domain;
            if (decision.Conflict is not { } conflict)
            {
                if (conflicts.Count > 0) conflicts.Remove(domain.Identity);
                continue;
            }

            if (conflicts.TryGetValue(domain.Identity, out SettingConflict logged) && logged == conflict) continue;
            conflicts[domain.Identity] = conflict;
            string origin = publication.Settings.Origin(conflict.Setting, domain.Identity, domain.Name) ?? "";
            string text = conflict.Explain(origin);
            logger.SettingNotInForce(domain.Name, domain.Identity.Domid, text);
        }
    }

    private void Wait(long began, TimeSpan pause, TimeSpan minPause)
    {
        ObserveChanges();
        TimeSpan shortest = minPause - time.GetElapsedTime(began);
        bool isWoken = false;

        // systemd may expect a sign of life more often.
        while (!isWoken && manager.WatchdogInterval is { } interval && interval < pause)
        {
            isWoken = signal.Wait(interval, shortest);
            if (!isWoken) manager.StillAlive();
            (pause, shortest) = (pause - interval, shortest - interval);
        }

        if (!isWoken) signal.Wait(pause, shortest);
        if (change is { IsFaulted: true }) change.GetAwaiter().GetResult();
    }

    /// <summary>Has the next change wake the loop, on the thread that finds it: a third one would cost more.</summary>
    private void ObserveChanges()
    {
        if (change is { IsCompleted: false }) return;
        change = host.WaitForChangeAsync(CancellationToken.None);
        change.ContinueWith(
            _ => signal.Change(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void OnHangUp(PosixSignalContext context)
    {
        context.Cancel = true;

        // The request logs what is wrong with the file; no caller waits for the result.
        _ = control.OnBehalfOf("SIGHUP").ReloadAsync().ContinueWith(task => task.Exception, TaskScheduler.Default);
    }

    private sealed class TooManyFailuresException(Exception last) : Exception("too many passes have failed", last);
}
