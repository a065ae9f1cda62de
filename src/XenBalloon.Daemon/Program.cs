using XenBalloon.Daemon.Startup;

return await DaemonCommand.RunAsync(args).ConfigureAwait(false);
