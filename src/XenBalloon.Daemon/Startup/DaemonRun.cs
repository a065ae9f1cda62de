using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Checks;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.Startup;

/// <summary>Composes the daemon and runs it.</summary>
internal static class DaemonRun
{
    /// <summary>Runs until a signal, the death of xenstored, or an error.</summary>
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(
        DaemonOptions options, DaemonHost daemonHost, CancellationToken cancellation)
    {
        try
        {
            if (options.Check) return (int)await CheckAsync(options).ConfigureAwait(false);
            DaemonConfiguration configuration = ConfigurationReader.Read(options.ConfigurationPath);
            return (int)await RunAsync(options, daemonHost, configuration, cancellation).ConfigureAwait(false);
        }
        catch (ConfigurationException exception)
        {
            await PrintAsync(exception).ConfigureAwait(false);
            return (int)(exception.IsUnreadable ? ExitStatus.ConfigurationUnreadable : ExitStatus.ConfigurationInvalid);
        }
        catch (StartupException exception)
        {
            await PrintAsync(exception).ConfigureAwait(false);
            return (int)exception.Status;
        }
    }

    private static async Task<ExitStatus> CheckAsync(DaemonOptions options)
    {
        var inspector = new HostInspector(options.ConfigurationPath, options.StateDirectory);
        var report = new CheckReport(HostCheck.Run(inspector.Inspect()));
        string text = options.Json ? report.ToJson() : report.ToText();
        await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        return report.ExitStatus;
    }

    private static async Task PrintAsync(Exception exception)
    {
        foreach (string line in exception.Message.Split('\n'))
        {
            await Console.Error.WriteLineAsync($"xenballoond: {line}").ConfigureAwait(false);
        }
    }

    private static async Task<ExitStatus> RunAsync(
        DaemonOptions options, DaemonHost daemonHost, DaemonConfiguration configuration, CancellationToken cancellation)
    {
        using IDisposable? hostLock = daemonHost.Lock();

        // Not disposed after xenstored's death: libxenstore may then close a descriptor twice, and the process ends.
        IXenHost host = daemonHost.Open(TimeProvider.System);
        var guard = new ActiveGuard(() => daemonHost.ReadDom0(host));

        // Outlives the program, whose end may hang too.
        using var deadline = new StopDeadline(TimeProvider.System, EndAtOnce);
        using IHost program = Compose(options, guard.Check(configuration), host, guard, deadline);
        BalancingLoop loop;
        try
        {
            loop = program.Services.GetRequiredService<BalancingLoop>();
            await program.RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (BusUnavailableException exception)
        {
            host.Dispose();
            ExitStatus status =
                exception.Cause == BusUnavailableCause.NameTaken ? ExitStatus.BusNameTaken : ExitStatus.NoBus;
            throw new StartupException(status, exception.Message, exception);
        }
        catch (ConfigurationException)
        {
            host.Dispose();
            throw;
        }
        catch (HostLostException exception)
        {
            string message = $"{exception.Message}: check that xenstored runs, then start xenballoond again";
            throw new StartupException(ExitStatus.HostLost, message, exception);
        }

        if (loop.ExitStatus != ExitStatus.HostLost) host.Dispose();
        return loop.ExitStatus;
    }

    private static void EndAtOnce()
    {
        StandardError.TryWrite("xenballoond: the stop took too long, because something hangs: ended at once\n"u8);
        Libc.Exit((int)ExitStatus.Failed);
    }

    private static IHost Compose(
        DaemonOptions options,
        DaemonConfiguration configuration,
        IXenHost host,
        ActiveGuard guard,
        StopDeadline deadline)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddDaemonLogging(configuration.LogLevel, configuration.LogFile);
        IServiceCollection services = builder.Services;
        services.AddSingleton(TimeProvider.System).AddSingleton(configuration).AddSingleton(host);
        services.AddSingleton(guard);
        services.AddSingleton(provider =>
            new StateStore(options.StateDirectory, provider.GetRequiredService<ILogger<StateStore>>()));
        services.AddSingleton<PlanApplier>().AddSingleton<HostBalancer>();
        services.AddSingleton<LoopSignal>().AddSingleton<RequestQueue>().AddSingleton<RequestHandler>();
        services.AddSingleton<IControl, QueuedControl>();
        services.AddSingleton(new BusOptions()).AddSingleton<ControlBus>().AddSingleton<ServiceNotifier>();
        services.AddSingleton<ISystemdNotifier>(new SystemdNotifier());
        services.AddSingleton(deadline).AddSingleton<BalancingLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<BalancingLoop>());
        IHost program = builder.Build();
        if (configuration.LogFile is { } file && LogSetup.TryOpen(file) is { } error)
        {
            program.Services.GetRequiredService<ILogger<BalancingLoop>>().LogFileFailed(file, error);
        }

        return program;
    }
}
