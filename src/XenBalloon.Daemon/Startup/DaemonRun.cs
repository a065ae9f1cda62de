using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Logging;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Startup;

/// <summary>One run of the daemon, from the configuration to the exit status.</summary>
internal static class DaemonRun
{
    /// <summary>Runs until a signal, the end of xenstored, or an error that names its remedy.</summary>
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(
        DaemonOptions options, DaemonHost daemonHost, CancellationToken cancellation)
    {
        try
        {
            DaemonConfiguration configuration = ConfigurationReader.Read(options.ConfigurationPath);
            if (!options.Check) return (int)await ServeAsync(options, daemonHost, configuration, cancellation).ConfigureAwait(false);
            await Console.Out.WriteLineAsync($"{options.ConfigurationPath}: ok").ConfigureAwait(false);
            return (int)ExitStatus.Ok;
        }
        catch (ConfigurationException exception)
        {
            await TellAsync(exception).ConfigureAwait(false);
            return (int)(exception.IsUnreadable ? ExitStatus.ConfigurationUnreadable : ExitStatus.ConfigurationInvalid);
        }
        catch (StartupException exception)
        {
            await TellAsync(exception).ConfigureAwait(false);
            return (int)exception.Status;
        }
    }

    private static async Task TellAsync(Exception exception)
    {
        foreach (string line in exception.Message.Split('\n'))
        {
            await Console.Error.WriteLineAsync($"xenballoond: {line}").ConfigureAwait(false);
        }
    }

    private static async Task<ExitStatus> ServeAsync(
        DaemonOptions options, DaemonHost daemonHost, DaemonConfiguration configuration, CancellationToken cancellation)
    {
        TimeProvider time = TimeProvider.System;
        using IDisposable? hostLock = daemonHost.Lock();

        // Not disposed of when it is lost: libxenstore may close a descriptor twice after xenstored's death, and the process ends anyway.
        IXenHost host = daemonHost.Open(time);
        var ending = new Ending();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(time).AddSingleton(options).AddSingleton(configuration).AddSingleton(host).AddSingleton(ending);
        builder.Services.AddSingleton(new BusOptions()).AddSingleton<ControlRequests>().AddSingleton<ControlBus>().AddSingleton<PlanApplier>().AddSingleton<Reconciler>();
        builder.Services.AddSingleton(services => new StateStore(options.StateDirectory, services.GetRequiredService<ILogger<StateStore>>())).AddSingleton<Steering>();
        builder.Services.AddSingleton<ServiceManager>().AddHostedService<ReconcileService>();
        builder.AddDaemonLogging(configuration.LogLevel);
        using IHost program = builder.Build();
        try
        {
            await program.RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (BusUnavailableException exception)
        {
            host.Dispose();
            throw new StartupException(Status(exception.Cause), exception.Message, exception);
        }
        catch (HostLostException exception)
        {
            throw new StartupException(ExitStatus.HostLost, $"{exception.Message}: see whether xenstored runs, then start xenballoond again", exception);
        }

        if (ending.Status != ExitStatus.HostLost) host.Dispose();
        return ending.Status;
    }

    private static ExitStatus Status(BusUnavailableCause cause) =>
        cause == BusUnavailableCause.NameTaken ? ExitStatus.BusNameTaken : ExitStatus.NoBus;
}
