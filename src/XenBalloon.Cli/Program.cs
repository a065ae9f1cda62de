using XenBalloon.Cli;
using XenBalloon.CommandLine;

StandardDescriptors.Ensure();
return (int)XenBalloonCommand.Run(args, Terminal.OfProcess());
