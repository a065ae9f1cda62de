using XenBalloon.Demo;

return await DemoCommand.RunAsync(args).ConfigureAwait(false);
