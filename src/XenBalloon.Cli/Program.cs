using XenBalloon.Cli;

return (int)XenBalloonCommand.Run(args, Terminal.OfProcess());
