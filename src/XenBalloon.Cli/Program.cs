using XenBalloon.Cli;
using XenBalloon.Cli.Native;

StandardDescriptors.Ensure();
return (int)XenBalloonCommand.Run(args, Terminal.OfProcess());
