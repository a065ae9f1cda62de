using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.Startup;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// The single loop: woken by changes on the host, by requests and by time, it lets the <see cref="Reconciler"/> take a step and shows the outcome.
/// Everything else only posts to it.
/// </summary>
internal sealed class ReconcileService(
    IXenHost host,
    Reconciler reconciler,
    ControlRequests requests,
    Steering steering,
    StateStore store,
    ControlBus bus,
    ServiceManager manager,
    Ending ending,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<ReconcileService> logger) : BackgroundService
{
    /// <summary>Changes that come closer together than this are taken in one step: guests cannot make the loop spin.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Somebody lacks memory and another was asked what it can spare: the answer is there within some tens of milliseconds. No guest can make us ask oftener.</summary>
    private static readonly TimeSpan PauseWhileAsking = TimeSpan.FromMilliseconds(50);

    /// <summary>XenServer's agents write total and free one by one, in either order: what belongs together is there a moment after the first.</summary>
    private static readonly TimeSpan Completing = TimeSpan.FromMilliseconds(50);

    /// <summary>A balloon's movement fires no watch, so while one moves the host is looked at more often.</summary>
    private static readonly TimeSpan PauseWhileMoving = TimeSpan.FromMilliseconds(500);

    /// <summary>A look at the host that fails so often in a row will not come right by itself.</summary>
    private const int MostFailures = 20;

    private const string
        MinimumsExceedHost = "the domains' minimums together exceed the host, so nothing is moved: lower some, or stop a domain",
        DemandExceedsHost = "some domain needs more memory than can be freed: nothing idle is left; add memory, lower a neighbour's minimum or stop a domain";

    private HostAlarm alarm;
    private PosixSignalRegistration? hangUp;

    /// <summary>Takes the bus name before anything is written to any guest: a second daemon must find out in time.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anyone can know that we are ready: an unhandled SIGHUP would end us.
        hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        Publication first = reconciler.Look();
        bus.Start(first);
        manager.Ready();
        HostDecision seen = first.Plan.Host;
        logger.Started(first.Version, first.Host, first.Mode, first.Plan.Domains.Length, seen.Free, seen.Total);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        hangUp?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await LoopAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.Stopped();
        }
        catch (HostLostException exception)
        {
            logger.HostLost(exception.Message);
            ending.Status = ExitStatus.HostLost;
        }
        catch (StepsFailedException exception)
        {
            logger.GivingUp(MostFailures, exception.InnerException!);
            ending.Status = ExitStatus.Failed;
        }
        catch (Exception exception)
        {
            logger.Broken(exception);
            ending.Status = ExitStatus.Failed;
        }

        manager.Stopping();
        lifetime.StopApplication();
    }

    private async Task LoopAsync(CancellationToken stopping)
    {
        for (int failures = 0; ;)
        {
            stopping.ThrowIfCancellationRequested();
            long began = time.GetTimestamp();
            IReadOnlyList<ControlRequest> taken = [.. requests.Take().Where(request => request.Apply(steering))];
            TimeSpan pause = PauseWhileMoving, least = LeastPause;
            try
            {
                Publication publication = reconciler.Step();
                store.Note(reconciler.Remembered);
                Show(publication);
                foreach (ControlRequest request in taken) request.Complete(publication);
                pause = publication.Plan.IsMoving ? PauseWhileMoving : reconciler.Configuration.Interval;
                if (publication.Plan.Commands.Any(command => command.Kind == HostCommandKind.RequestReport)) least = PauseWhileAsking;
                failures = 0;
            }
            catch (Exception exception) when (exception is not (HostLostException or OperationCanceledException))
            {
                // When unsure, hold: a look that failed changes nothing, and the next one may succeed.
                foreach (ControlRequest request in taken) request.Fail(exception);
                if (++failures >= MostFailures) throw new StepsFailedException(exception);
                logger.StepFailed(exception.Message);
            }

            await WaitAsync(began, pause, least, stopping).ConfigureAwait(false);
        }
    }

    private void Show(Publication publication)
    {
        bus.Publish(publication);
        foreach (Reservation ended in publication.Plan.Ended)
        {
            string how = ended.Explain();
            logger.ReservationEnded(ended.Id, ended.State, how);
        }

        HostDecision now = publication.Plan.Host;
        manager.Alive($"mode {publication.Mode}: {publication.Plan.Domains.Length} domains, {now.Free} free");
        if (now.Alarm == alarm) return;
        alarm = now.Alarm;
        if (alarm == HostAlarm.None) logger.AlarmOver();
        else logger.Alarm(alarm == HostAlarm.MinimumsExceedHost ? MinimumsExceedHost : DemandExceedsHost);
    }

    private async Task WaitAsync(long began, TimeSpan pause, TimeSpan least, CancellationToken stopping)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task change = host.WaitForChangeAsync(wake.Token);
        Task asked = requests.WaitAsync(wake.Token);
        Task first = await Task.WhenAny(change, asked, Task.Delay(pause, time, wake.Token)).ConfigureAwait(false);
        if (first == change)
        {
            TimeSpan early = least - time.GetElapsedTime(began);
            await Task.WhenAny(asked, Task.Delay(early > Completing ? early : Completing, time, wake.Token)).ConfigureAwait(false);
        }

        await wake.CancelAsync().ConfigureAwait(false);
        if (change.IsFaulted) await change.ConfigureAwait(false);
    }

    private void OnHangUp(PosixSignalContext context)
    {
        context.Cancel = true;

        // What is wrong with the file goes to the log; nobody waits for this request.
        _ = requests.ReloadAsync().ContinueWith(task => task.Exception, TaskScheduler.Default);
    }
}
