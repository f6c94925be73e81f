BEGIN TRANSACTION;
CREATE TABLE checkpoint(
    run INTEGER, attempt INTEGER, step INTEGER, bytes INTEGER NOT NULL, file TEXT NOT NULL, sources TEXT,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
INSERT INTO "checkpoint" VALUES(1,1,4,1000,'000000000001-1-4.pt',NULL);
CREATE TABLE command(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL, verb TEXT NOT NULL, value REAL NOT NULL, created REAL NOT NULL
);
CREATE TABLE control(
    run INTEGER PRIMARY KEY,
    hold TEXT NOT NULL DEFAULT '' CHECK(hold IN ('', 'paused', 'interrupted')), -- why a waiting run is not claimed
    paused INTEGER NOT NULL DEFAULT 0, -- whether its worker is to stand
    standing INTEGER, -- the step that its worker stands before
    losses INTEGER NOT NULL DEFAULT 0, -- of workers since its newest checkpoint
    interrupted INTEGER, -- the step that was next when a worker was lost
    resumed INTEGER, -- the step from which its worker went on
    parent TEXT, parent_step INTEGER -- the run it branched from, and at which step
);
INSERT INTO "control" VALUES(1,'',0,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "control" VALUES(3,'paused',1,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "control" VALUES(5,'',0,NULL,0,NULL,NULL,NULL,NULL);
CREATE TABLE doomed(run INTEGER PRIMARY KEY);
CREATE TABLE forgotten( -- runs that were deleted to make room, for a while
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, created REAL NOT NULL, at REAL NOT NULL
);
CREATE TABLE made_with(
    run INTEGER, attempt INTEGER, versions TEXT NOT NULL, -- names and versions, a JSON object of texts
    PRIMARY KEY(run, attempt)
) WITHOUT ROWID;
INSERT INTO "made_with" VALUES(1,1,'{"resnet_viz": "0.1.0", "torch": "2.13.0"}');
INSERT INTO "made_with" VALUES(2,1,'{"resnet_viz": "0.1.0", "torch": "2.13.0"}');
CREATE TABLE mark(
    run INTEGER PRIMARY KEY, -- run.seq
    is_pinned INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT '' -- id of the run on the machine that it was imported from
);
INSERT INTO "mark" VALUES(1,1,'first try
of two','');
INSERT INTO "mark" VALUES(2,0,'first try
of two','000000000001');
CREATE TABLE net(
    run INTEGER, attempt INTEGER, position INTEGER,
    label TEXT NOT NULL, params INTEGER NOT NULL, macs INTEGER NOT NULL, device TEXT NOT NULL,
    convs TEXT NOT NULL, blocks TEXT NOT NULL, ending TEXT, sentence TEXT NOT NULL DEFAULT '',
    PRIMARY KEY(run, attempt, position)
) WITHOUT ROWID;
INSERT INTO "net" VALUES(1,1,0,'plain-20',270000,41000000,'cpu','["stem.conv", "stage1.block1.conv1"]','["stage1.block1"]','finished','');
INSERT INTO "net" VALUES(1,1,1,'ResNet-20',270001,41000000,'cpu','["stem.conv", "stage1.block1.conv1"]','["stage1.block1"]','diverged','It diverged at step 3.');
INSERT INTO "net" VALUES(2,1,0,'plain-20',270000,41000000,'cpu','["stem.conv", "stage1.block1.conv1"]','["stage1.block1"]','finished','');
INSERT INTO "net" VALUES(2,1,1,'ResNet-20',270001,41000000,'cpu','["stem.conv", "stage1.block1.conv1"]','["stage1.block1"]','diverged','It diverged at step 3.');
INSERT INTO "net" VALUES(5,1,0,'plain-20',270000,41000000,'cpu','["stem.conv", "stage1.block1.conv1"]','["stage1.block1"]',NULL,'');
CREATE TABLE probe(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    grad_norm BLOB, block_grad_norm BLOB, update_ratio BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
INSERT INTO "probe" VALUES(1,1,0,0,X'0000000000000000000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(1,1,1,0,X'0000000000000000000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(1,1,0,2,X'FCA9F1D24D62603F000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(1,1,1,2,X'FCA9F1D24D62603F000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(2,1,0,0,X'0000000000000000000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(2,1,1,0,X'0000000000000000000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(2,1,0,2,X'FCA9F1D24D62603F000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
INSERT INTO "probe" VALUES(2,1,1,2,X'FCA9F1D24D62603F000000000000F07F',X'000000000000E03F',X'555555555555D53F0100000000000000');
CREATE TABLE rate(
    run INTEGER, attempt INTEGER, step INTEGER, lr REAL NOT NULL,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
INSERT INTO "rate" VALUES(1,1,2,0.05);
CREATE TABLE run(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order of submission; never used twice, rows of a deleted run may linger
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    labels TEXT NOT NULL,
    state TEXT NOT NULL CHECK(state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    cancel INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    pid INTEGER
);
INSERT INTO "run" VALUES(1,'000000000001','a','Group A','{"nets":[{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"none","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10},{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"identity","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10}],"data":"fashion_mnist_subset","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"batch_size":64,"steps":40,"warmup_steps":20,"schedule":"cosine","init":"he","augment":"none","seed":3,"device":"auto","probe_every":10,"eval_every":50}','["plain-20", "ResNet-20"]','done',1700000000.0,1700000007.25,1700000014.5,1,0,'',NULL);
INSERT INTO "run" VALUES(2,'000000000002','b','Group A','{"nets":[{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"none","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10},{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"identity","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10}],"data":"fashion_mnist_subset","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"batch_size":64,"steps":40,"warmup_steps":20,"schedule":"cosine","init":"he","augment":"none","seed":3,"device":"auto","probe_every":10,"eval_every":50}','["plain-20", "ResNet-20"]','done',1700000000.0,1700000007.25,1700000014.5,1,0,'',NULL);
INSERT INTO "run" VALUES(3,'000000000003','b','','{"nets":[{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"none","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10},{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"identity","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10}],"data":"fashion_mnist_subset","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"batch_size":64,"steps":40,"warmup_steps":20,"schedule":"cosine","init":"he","augment":"none","seed":4,"device":"auto","probe_every":10,"eval_every":50}','["plain-20", "ResNet-20"]','queued',1700000036.25,NULL,NULL,0,0,'',NULL);
INSERT INTO "run" VALUES(4,'000000000004','c','','{"nets":[{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"none","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10},{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"identity","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10}],"data":"fashion_mnist_subset","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"batch_size":64,"steps":40,"warmup_steps":20,"schedule":"cosine","init":"he","augment":"none","seed":5,"device":"auto","probe_every":10,"eval_every":50}','["plain-20", "ResNet-20"]','cancelled',1700000050.75,NULL,1700000058.0,0,1,'',NULL);
INSERT INTO "run" VALUES(5,'000000000005','d','fails','{"nets":[{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"none","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10},{"blocks":[3,3,3],"widths":[16,32,64],"stem":"cifar","block":"basic","order":"original","shortcut":"identity","shortcut_scale":0.5,"residual_scale":0.5,"gate_bias":-6.0,"dropout":0.5,"dim_match":"zero_pad","stride_on":"conv_3x3","cardinality":1,"width_per_group":64,"dilated_stages":[],"norm":"batch","conv_bias":false,"projection_norm":true,"zero_init_residual":false,"in_channels":3,"image_size":32,"num_classes":10}],"data":"fashion_mnist_subset","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"batch_size":64,"steps":40,"warmup_steps":20,"schedule":"cosine","init":"he","augment":"none","seed":6,"device":"auto","probe_every":10,"eval_every":50}','["plain-20", "ResNet-20"]','failed',1700000065.25,1700000072.5,1700000079.75,1,0,'It broke.',NULL);
CREATE TABLE signal(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    activation_std BLOB, branch_share BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
INSERT INTO "signal" VALUES(1,1,0,0,X'000000000000F83F',NULL);
INSERT INTO "signal" VALUES(1,1,1,0,X'000000000000F83F',X'000000000000D03F');
INSERT INTO "signal" VALUES(1,1,0,2,X'000000000000F83F',NULL);
INSERT INTO "signal" VALUES(1,1,1,2,X'000000000000F83F',X'000000000000D03F');
INSERT INTO "signal" VALUES(2,1,0,0,X'000000000000F83F',NULL);
INSERT INTO "signal" VALUES(2,1,1,0,X'000000000000F83F',X'000000000000D03F');
INSERT INTO "signal" VALUES(2,1,0,2,X'000000000000F83F',NULL);
INSERT INTO "signal" VALUES(2,1,1,2,X'000000000000F83F',X'000000000000D03F');
CREATE TABLE step(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    loss REAL, accuracy REAL, lr REAL, images_per_s REAL, seconds REAL, test_loss REAL, test_accuracy REAL,
    PRIMARY KEY(run, attempt, net, step)
) WITHOUT ROWID;
INSERT INTO "step" VALUES(1,1,0,0,2.3025,0.0,0.1,3.33333333333333314395e+02,0.0,NULL,NULL);
INSERT INTO "step" VALUES(1,1,0,1,1.15125,1.42857142857142849212e-01,0.1,3.33333333333333314395e+02,1.11111111111111104943e-01,NULL,NULL);
INSERT INTO "step" VALUES(1,1,0,2,7.67500000000000071054e-01,2.85714285714285698425e-01,0.1,3.33333333333333314395e+02,2.22222222222222209886e-01,NULL,NULL);
INSERT INTO "step" VALUES(1,1,0,3,0.575625,4.28571428571428547638e-01,0.1,3.33333333333333314395e+02,3.33333333333333314829e-01,2.25,0.125);
INSERT INTO "step" VALUES(1,1,1,0,2.3025,0.0,0.1,3.33333333333333314395e+02,0.0,NULL,NULL);
INSERT INTO "step" VALUES(1,1,1,1,1.15125,1.42857142857142849212e-01,0.1,3.33333333333333314395e+02,1.11111111111111104943e-01,NULL,NULL);
INSERT INTO "step" VALUES(1,1,1,2,7.67500000000000071054e-01,2.85714285714285698425e-01,0.1,3.33333333333333314395e+02,2.22222222222222209886e-01,NULL,NULL);
INSERT INTO "step" VALUES(1,1,1,3,'nan',4.28571428571428547638e-01,0.1,3.33333333333333314395e+02,3.33333333333333314829e-01,2.25,0.125);
INSERT INTO "step" VALUES(2,1,0,0,2.3025,0.0,0.1,3.33333333333333314395e+02,0.0,NULL,NULL);
INSERT INTO "step" VALUES(2,1,0,1,1.15125,1.42857142857142849212e-01,0.1,3.33333333333333314395e+02,1.11111111111111104943e-01,NULL,NULL);
INSERT INTO "step" VALUES(2,1,0,2,7.67500000000000071054e-01,2.85714285714285698425e-01,0.1,3.33333333333333314395e+02,2.22222222222222209886e-01,NULL,NULL);
INSERT INTO "step" VALUES(2,1,0,3,0.575625,4.28571428571428547638e-01,0.1,3.33333333333333314395e+02,3.33333333333333314829e-01,2.25,0.125);
INSERT INTO "step" VALUES(2,1,1,0,2.3025,0.0,0.1,3.33333333333333314395e+02,0.0,NULL,NULL);
INSERT INTO "step" VALUES(2,1,1,1,1.15125,1.42857142857142849212e-01,0.1,3.33333333333333314395e+02,1.11111111111111104943e-01,NULL,NULL);
INSERT INTO "step" VALUES(2,1,1,2,7.67500000000000071054e-01,2.85714285714285698425e-01,0.1,3.33333333333333314395e+02,2.22222222222222209886e-01,NULL,NULL);
INSERT INTO "step" VALUES(2,1,1,3,'nan',4.28571428571428547638e-01,0.1,3.33333333333333314395e+02,3.33333333333333314829e-01,2.25,0.125);
CREATE INDEX run_by_state ON run(state, seq);
CREATE VIEW step_with_norms AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM step s
    LEFT JOIN probe p ON p.run = s.run AND p.attempt = s.attempt AND p.net = s.net AND p.step = s.step;
CREATE VIEW probed_step AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM probe p
    JOIN step s ON s.run = p.run AND s.attempt = p.attempt AND s.net = p.net AND s.step = p.step;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run',5);
COMMIT;
PRAGMA user_version = 3;
