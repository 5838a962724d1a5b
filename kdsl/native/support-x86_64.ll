target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32 }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 16
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !3
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #10
  store i64 0, ptr @started, align 8, !tbaa !3
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !7
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !3
  store ptr %1, ptr @others_context, align 8, !tbaa !9
  store ptr %0, ptr @others, align 8, !tbaa !9
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 16
  %5 = alloca [128 x i64], align 16
  %6 = alloca %struct.Plan, align 8
  %7 = alloca [16 x i64], align 16
  %8 = alloca %struct.Work, align 8
  %9 = alloca [4 x i32], align 16
  %10 = alloca [4 x i32], align 16
  %11 = alloca [4 x i32], align 16
  %12 = alloca [64 x i64], align 16
  %13 = alloca [512 x i64], align 16
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %13) #11
  %14 = icmp eq ptr %1, null
  br i1 %14, label %706, label %15

15:                                               ; preds = %3
  %16 = getelementptr inbounds i8, ptr %1, i64 24
  %17 = getelementptr inbounds i8, ptr %1, i64 48
  %18 = load i64, ptr %1, align 8, !tbaa !3
  %19 = load i64, ptr %16, align 8, !tbaa !3
  %20 = icmp slt i64 %18, 0
  %21 = add i64 %19, -1025
  %22 = icmp ult i64 %21, -1024
  %23 = select i1 %20, i1 true, i1 %22
  br i1 %23, label %706, label %74

24:                                               ; preds = %83
  %25 = getelementptr inbounds i8, ptr %1, i64 8
  %26 = load i64, ptr %25, align 8, !tbaa !3
  %27 = getelementptr inbounds i8, ptr %1, i64 32
  %28 = load i64, ptr %27, align 8, !tbaa !3
  %29 = icmp slt i64 %26, 0
  %30 = add i64 %28, -1025
  %31 = icmp ult i64 %30, -1024
  %32 = select i1 %29, i1 true, i1 %31
  br i1 %32, label %706, label %33

33:                                               ; preds = %24
  %34 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %26, i64 %28)
  %35 = extractvalue { i64, i1 } %34, 1
  %36 = extractvalue { i64, i1 } %34, 0
  br i1 %35, label %706, label %37

37:                                               ; preds = %33
  %38 = getelementptr inbounds i8, ptr %1, i64 56
  %39 = load i64, ptr %38, align 8, !tbaa !3
  %40 = icmp slt i64 %39, 0
  %41 = icmp sgt i64 %39, %36
  %42 = select i1 %40, i1 true, i1 %41
  br i1 %42, label %706, label %43

43:                                               ; preds = %37
  %44 = icmp eq i64 %26, 0
  %45 = sext i1 %44 to i64
  %46 = sub nsw i64 %45, %28
  %47 = add i64 %46, %36
  %48 = icmp sgt i64 %39, %47
  br i1 %48, label %49, label %706

49:                                               ; preds = %43
  %50 = getelementptr inbounds i8, ptr %1, i64 16
  %51 = load i64, ptr %50, align 8, !tbaa !3
  %52 = getelementptr inbounds i8, ptr %1, i64 40
  %53 = load i64, ptr %52, align 8, !tbaa !3
  %54 = icmp slt i64 %51, 0
  %55 = add i64 %53, -1025
  %56 = icmp ult i64 %55, -1024
  %57 = select i1 %54, i1 true, i1 %56
  br i1 %57, label %706, label %58

58:                                               ; preds = %49
  %59 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %51, i64 %53)
  %60 = extractvalue { i64, i1 } %59, 1
  %61 = extractvalue { i64, i1 } %59, 0
  br i1 %60, label %706, label %62

62:                                               ; preds = %58
  %63 = getelementptr inbounds i8, ptr %1, i64 64
  %64 = load i64, ptr %63, align 8, !tbaa !3
  %65 = icmp slt i64 %64, 0
  %66 = icmp sgt i64 %64, %61
  %67 = select i1 %65, i1 true, i1 %66
  br i1 %67, label %706, label %68

68:                                               ; preds = %62
  %69 = icmp eq i64 %51, 0
  %70 = sext i1 %69 to i64
  %71 = sub nsw i64 %70, %53
  %72 = add i64 %71, %61
  %73 = icmp sgt i64 %64, %72
  br i1 %73, label %89, label %706

74:                                               ; preds = %15
  %75 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %18, i64 %19)
  %76 = extractvalue { i64, i1 } %75, 1
  %77 = extractvalue { i64, i1 } %75, 0
  br i1 %76, label %706, label %78

78:                                               ; preds = %74
  %79 = load i64, ptr %17, align 8, !tbaa !3
  %80 = icmp slt i64 %79, 0
  %81 = icmp sgt i64 %79, %77
  %82 = select i1 %80, i1 true, i1 %81
  br i1 %82, label %706, label %83

83:                                               ; preds = %78
  %84 = icmp eq i64 %18, 0
  %85 = sext i1 %84 to i64
  %86 = sub nsw i64 %85, %19
  %87 = add i64 %86, %77
  %88 = icmp sgt i64 %79, %87
  br i1 %88, label %24, label %706

89:                                               ; preds = %68
  %90 = mul nuw nsw i64 %28, %19
  %91 = mul nuw nsw i64 %90, %53
  %92 = icmp ugt i64 %91, 1024
  br i1 %92, label %706, label %93

93:                                               ; preds = %89
  %94 = getelementptr inbounds i8, ptr %0, i64 16
  %95 = load i32, ptr %94, align 8, !tbaa !11
  %96 = icmp sgt i32 %95, 0
  br i1 %96, label %97, label %369

97:                                               ; preds = %93
  %98 = load ptr, ptr %0, align 8, !tbaa !13
  %99 = zext nneg i32 %95 to i64
  br label %100

100:                                              ; preds = %97, %353
  %101 = phi i64 [ 0, %97 ], [ %357, %353 ]
  %102 = phi i32 [ 0, %97 ], [ %356, %353 ]
  %103 = phi i32 [ 0, %97 ], [ %354, %353 ]
  %104 = getelementptr inbounds %struct.Param, ptr %98, i64 %101
  %105 = load i32, ptr %104, align 4, !tbaa !14
  %106 = icmp eq i32 %105, 0
  %107 = getelementptr inbounds ptr, ptr %2, i64 %101
  %108 = load ptr, ptr %107, align 8, !tbaa !9
  br i1 %106, label %263, label %109

109:                                              ; preds = %100
  %110 = sext i32 %102 to i64
  %111 = getelementptr inbounds i64, ptr %13, i64 %110
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %12) #11
  %112 = icmp eq ptr %108, null
  br i1 %112, label %359, label %113

113:                                              ; preds = %109
  %114 = getelementptr inbounds i8, ptr %104, i64 8
  %115 = load i32, ptr %114, align 4, !tbaa !16
  %116 = icmp eq i32 %115, 0
  br i1 %116, label %121, label %117

117:                                              ; preds = %113
  %118 = getelementptr inbounds i8, ptr %108, i64 8
  %119 = load ptr, ptr %118, align 8, !tbaa !17
  %120 = icmp eq ptr %119, null
  br i1 %120, label %359, label %121

121:                                              ; preds = %117, %113
  %122 = getelementptr inbounds i8, ptr %104, i64 4
  %123 = load i32, ptr %122, align 4, !tbaa !19
  %124 = sext i32 %123 to i64
  %125 = getelementptr inbounds i8, ptr %108, i64 8
  %126 = zext i32 %115 to i64
  br label %127

127:                                              ; preds = %139, %121
  %128 = phi i64 [ %131, %139 ], [ %126, %121 ]
  %129 = phi i64 [ %142, %139 ], [ 0, %121 ]
  %130 = phi i64 [ %147, %139 ], [ %124, %121 ]
  %131 = add nsw i64 %128, -1
  %132 = trunc nuw i64 %128 to i32
  %133 = icmp slt i32 %132, 1
  br i1 %133, label %148, label %134

134:                                              ; preds = %127
  %135 = load ptr, ptr %125, align 8, !tbaa !17
  %136 = getelementptr inbounds i64, ptr %135, i64 %131
  %137 = load i64, ptr %136, align 8, !tbaa !3
  %138 = icmp slt i64 %137, 0
  br i1 %138, label %363, label %139

139:                                              ; preds = %134
  %140 = icmp eq i64 %137, 0
  %141 = zext i1 %140 to i64
  %142 = or i64 %129, %141
  %143 = getelementptr inbounds [64 x i64], ptr %12, i64 0, i64 %131
  store i64 %130, ptr %143, align 8, !tbaa !3
  %144 = tail call i64 @llvm.umax.i64(i64 %137, i64 1)
  %145 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %130, i64 %144)
  %146 = extractvalue { i64, i1 } %145, 1
  %147 = extractvalue { i64, i1 } %145, 0
  br i1 %146, label %363, label %127, !llvm.loop !20

148:                                              ; preds = %127
  %149 = getelementptr inbounds i8, ptr %108, i64 16
  %150 = load ptr, ptr %149, align 8, !tbaa !22
  %151 = icmp eq ptr %150, null
  %152 = select i1 %151, ptr %12, ptr %150
  %153 = load ptr, ptr %108, align 8, !tbaa !23
  %154 = icmp ne ptr %153, null
  %155 = icmp ne i64 %129, 0
  %156 = select i1 %154, i1 true, i1 %155
  br i1 %156, label %157, label %363

157:                                              ; preds = %148
  %158 = ptrtoint ptr %153 to i64
  %159 = getelementptr inbounds i8, ptr %104, i64 16
  %160 = load i32, ptr %159, align 4, !tbaa !24
  %161 = add nsw i32 %160, -1
  %162 = sext i32 %161 to i64
  %163 = and i64 %162, %158
  %164 = icmp eq i64 %163, 0
  br i1 %164, label %165, label %363

165:                                              ; preds = %157
  store i64 %158, ptr %111, align 8, !tbaa !3
  %166 = icmp sgt i32 %115, 0
  br i1 %166, label %167, label %186

167:                                              ; preds = %165
  %168 = load ptr, ptr %125, align 8, !tbaa !17
  %169 = getelementptr inbounds i64, ptr %111, i64 %126
  %170 = getelementptr inbounds i8, ptr %169, i64 8
  br label %171

171:                                              ; preds = %181, %167
  %172 = phi i64 [ 0, %167 ], [ %182, %181 ]
  %173 = getelementptr inbounds i64, ptr %168, i64 %172
  %174 = load i64, ptr %173, align 8, !tbaa !3
  %175 = icmp slt i64 %174, 2
  %176 = getelementptr inbounds i64, ptr %152, i64 %172
  %177 = load i64, ptr %176, align 8, !tbaa !3
  %178 = and i64 %177, %162
  %179 = icmp eq i64 %178, 0
  %180 = select i1 %175, i1 true, i1 %179
  br i1 %180, label %181, label %363

181:                                              ; preds = %171
  %182 = add nuw nsw i64 %172, 1
  %183 = getelementptr inbounds i64, ptr %111, i64 %182
  store i64 %174, ptr %183, align 8, !tbaa !3
  %184 = getelementptr inbounds i64, ptr %170, i64 %172
  store i64 %177, ptr %184, align 8, !tbaa !3
  %185 = icmp eq i64 %182, %126
  br i1 %185, label %186, label %171, !llvm.loop !25

186:                                              ; preds = %181, %165
  %187 = getelementptr inbounds i8, ptr %104, i64 12
  %188 = load i32, ptr %187, align 4, !tbaa !26
  %189 = icmp sgt i32 %188, -1
  br i1 %189, label %190, label %202

190:                                              ; preds = %186
  %191 = load ptr, ptr %125, align 8, !tbaa !17
  %192 = zext nneg i32 %188 to i64
  %193 = getelementptr inbounds i64, ptr %191, i64 %192
  %194 = load i64, ptr %193, align 8, !tbaa !3
  %195 = icmp sgt i64 %194, 1
  br i1 %195, label %196, label %202

196:                                              ; preds = %190
  %197 = getelementptr inbounds i64, ptr %152, i64 %192
  %198 = load i64, ptr %197, align 8, !tbaa !3
  %199 = icmp eq i64 %198, %124
  %200 = select i1 %199, i1 true, i1 %155
  %201 = select i1 %200, i32 %103, i32 1
  br label %202

202:                                              ; preds = %196, %190, %186
  %203 = phi i32 [ %103, %190 ], [ %103, %186 ], [ %201, %196 ]
  %204 = getelementptr inbounds i8, ptr %104, i64 20
  %205 = load i32, ptr %204, align 4, !tbaa !27
  %206 = icmp eq i32 %205, 0
  %207 = select i1 %206, i1 true, i1 %151
  %208 = select i1 %207, i1 true, i1 %155
  br i1 %208, label %260, label %209

209:                                              ; preds = %202
  %210 = load ptr, ptr %125, align 8, !tbaa !17
  br i1 %166, label %211, label %260

211:                                              ; preds = %209, %250
  %212 = phi i64 [ %257, %250 ], [ %124, %209 ]
  %213 = phi i32 [ %258, %250 ], [ 0, %209 ]
  %214 = phi i64 [ %252, %250 ], [ 0, %209 ]
  br label %217

215:                                              ; preds = %240
  %216 = icmp slt i32 %241, 0
  br i1 %216, label %260, label %244

217:                                              ; preds = %240, %211
  %218 = phi i64 [ 0, %211 ], [ %242, %240 ]
  %219 = phi i32 [ -1, %211 ], [ %241, %240 ]
  %220 = getelementptr inbounds i64, ptr %150, i64 %218
  %221 = load i64, ptr %220, align 8, !tbaa !3
  %222 = tail call i64 @llvm.abs.i64(i64 %221, i1 true)
  %223 = shl nuw i64 1, %218
  %224 = and i64 %223, %214
  %225 = icmp eq i64 %224, 0
  br i1 %225, label %226, label %240

226:                                              ; preds = %217
  %227 = getelementptr inbounds i64, ptr %210, i64 %218
  %228 = load i64, ptr %227, align 8, !tbaa !3
  %229 = icmp slt i64 %228, 2
  br i1 %229, label %240, label %230

230:                                              ; preds = %226
  %231 = icmp slt i32 %219, 0
  br i1 %231, label %238, label %232

232:                                              ; preds = %230
  %233 = zext nneg i32 %219 to i64
  %234 = getelementptr inbounds i64, ptr %150, i64 %233
  %235 = load i64, ptr %234, align 8, !tbaa !3
  %236 = tail call i64 @llvm.abs.i64(i64 %235, i1 true)
  %237 = icmp ult i64 %222, %236
  br i1 %237, label %238, label %240

238:                                              ; preds = %232, %230
  %239 = trunc nuw nsw i64 %218 to i32
  br label %240

240:                                              ; preds = %238, %232, %226, %217
  %241 = phi i32 [ %219, %226 ], [ %219, %217 ], [ %239, %238 ], [ %219, %232 ]
  %242 = add nuw nsw i64 %218, 1
  %243 = icmp eq i64 %242, %126
  br i1 %243, label %215, label %217, !llvm.loop !28

244:                                              ; preds = %215
  %245 = zext nneg i32 %241 to i64
  %246 = getelementptr inbounds i64, ptr %150, i64 %245
  %247 = load i64, ptr %246, align 8, !tbaa !3
  %248 = tail call i64 @llvm.abs.i64(i64 %247, i1 true)
  %249 = icmp slt i64 %248, %212
  br i1 %249, label %363, label %250

250:                                              ; preds = %244
  %251 = shl nuw i64 1, %245
  %252 = or i64 %251, %214
  %253 = getelementptr inbounds i64, ptr %210, i64 %245
  %254 = load i64, ptr %253, align 8, !tbaa !3
  %255 = add nsw i64 %254, -1
  %256 = mul nsw i64 %255, %248
  %257 = add nsw i64 %256, %212
  %258 = add nuw nsw i32 %213, 1
  %259 = icmp eq i32 %258, %115
  br i1 %259, label %260, label %211, !llvm.loop !29

260:                                              ; preds = %250, %215, %202, %209
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %261 = shl nsw i32 %115, 1
  %262 = or disjoint i32 %261, 1
  br label %353

263:                                              ; preds = %100
  %264 = icmp eq ptr %108, null
  br i1 %264, label %265, label %269

265:                                              ; preds = %263
  %266 = trunc nuw nsw i64 %101 to i32
  %267 = shl i32 %266, 8
  %268 = add i32 %267, 257
  br label %706

269:                                              ; preds = %263
  %270 = getelementptr inbounds i8, ptr %104, i64 4
  %271 = load i32, ptr %270, align 4, !tbaa !19
  %272 = add nsw i32 %271, 7
  %273 = sdiv i32 %272, 8
  %274 = icmp sgt i32 %271, 0
  br i1 %274, label %275, label %353

275:                                              ; preds = %269
  %276 = sext i32 %102 to i64
  %277 = tail call i32 @llvm.smax.i32(i32 %273, i32 1)
  %278 = zext nneg i32 %277 to i64
  %279 = and i64 %278, 3
  %280 = icmp slt i32 %271, 25
  br i1 %280, label %283, label %281

281:                                              ; preds = %275
  %282 = and i64 %278, 268435452
  br label %303

283:                                              ; preds = %303, %275
  %284 = phi i64 [ 0, %275 ], [ %317, %303 ]
  %285 = icmp eq i64 %279, 0
  br i1 %285, label %294, label %286

286:                                              ; preds = %283, %286
  %287 = phi i64 [ %291, %286 ], [ %284, %283 ]
  %288 = phi i64 [ %292, %286 ], [ 0, %283 ]
  %289 = add nsw i64 %287, %276
  %290 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %289
  store i64 0, ptr %290, align 8, !tbaa !3
  %291 = add nuw nsw i64 %287, 1
  %292 = add i64 %288, 1
  %293 = icmp eq i64 %292, %279
  br i1 %293, label %294, label %286, !llvm.loop !30

294:                                              ; preds = %286, %283
  br i1 %274, label %295, label %353

295:                                              ; preds = %294
  %296 = sext i32 %102 to i64
  %297 = getelementptr inbounds i64, ptr %13, i64 %296
  %298 = zext nneg i32 %271 to i64
  %299 = and i64 %298, 3
  %300 = icmp ult i32 %271, 4
  br i1 %300, label %341, label %301

301:                                              ; preds = %295
  %302 = and i64 %298, 2147483644
  br label %320

303:                                              ; preds = %303, %281
  %304 = phi i64 [ 0, %281 ], [ %317, %303 ]
  %305 = phi i64 [ 0, %281 ], [ %318, %303 ]
  %306 = add nsw i64 %304, %276
  %307 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %306
  store i64 0, ptr %307, align 8, !tbaa !3
  %308 = or disjoint i64 %304, 1
  %309 = add nsw i64 %308, %276
  %310 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %309
  store i64 0, ptr %310, align 8, !tbaa !3
  %311 = or disjoint i64 %304, 2
  %312 = add nsw i64 %311, %276
  %313 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %312
  store i64 0, ptr %313, align 8, !tbaa !3
  %314 = or disjoint i64 %304, 3
  %315 = add nsw i64 %314, %276
  %316 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %315
  store i64 0, ptr %316, align 8, !tbaa !3
  %317 = add nuw nsw i64 %304, 4
  %318 = add i64 %305, 4
  %319 = icmp eq i64 %318, %282
  br i1 %319, label %283, label %303, !llvm.loop !32

320:                                              ; preds = %320, %301
  %321 = phi i64 [ 0, %301 ], [ %338, %320 ]
  %322 = phi i64 [ 0, %301 ], [ %339, %320 ]
  %323 = getelementptr inbounds i8, ptr %108, i64 %321
  %324 = load i8, ptr %323, align 1, !tbaa !33
  %325 = getelementptr inbounds i8, ptr %297, i64 %321
  store i8 %324, ptr %325, align 4, !tbaa !33
  %326 = or disjoint i64 %321, 1
  %327 = getelementptr inbounds i8, ptr %108, i64 %326
  %328 = load i8, ptr %327, align 1, !tbaa !33
  %329 = getelementptr inbounds i8, ptr %297, i64 %326
  store i8 %328, ptr %329, align 1, !tbaa !33
  %330 = or disjoint i64 %321, 2
  %331 = getelementptr inbounds i8, ptr %108, i64 %330
  %332 = load i8, ptr %331, align 1, !tbaa !33
  %333 = getelementptr inbounds i8, ptr %297, i64 %330
  store i8 %332, ptr %333, align 2, !tbaa !33
  %334 = or disjoint i64 %321, 3
  %335 = getelementptr inbounds i8, ptr %108, i64 %334
  %336 = load i8, ptr %335, align 1, !tbaa !33
  %337 = getelementptr inbounds i8, ptr %297, i64 %334
  store i8 %336, ptr %337, align 1, !tbaa !33
  %338 = add nuw nsw i64 %321, 4
  %339 = add i64 %322, 4
  %340 = icmp eq i64 %339, %302
  br i1 %340, label %341, label %320, !llvm.loop !34

341:                                              ; preds = %320, %295
  %342 = phi i64 [ 0, %295 ], [ %338, %320 ]
  %343 = icmp eq i64 %299, 0
  br i1 %343, label %353, label %344

344:                                              ; preds = %341, %344
  %345 = phi i64 [ %350, %344 ], [ %342, %341 ]
  %346 = phi i64 [ %351, %344 ], [ 0, %341 ]
  %347 = getelementptr inbounds i8, ptr %108, i64 %345
  %348 = load i8, ptr %347, align 1, !tbaa !33
  %349 = getelementptr inbounds i8, ptr %297, i64 %345
  store i8 %348, ptr %349, align 1, !tbaa !33
  %350 = add nuw nsw i64 %345, 1
  %351 = add i64 %346, 1
  %352 = icmp eq i64 %351, %299
  br i1 %352, label %353, label %344, !llvm.loop !35

353:                                              ; preds = %341, %344, %269, %294, %260
  %354 = phi i32 [ %203, %260 ], [ %103, %294 ], [ %103, %269 ], [ %103, %344 ], [ %103, %341 ]
  %355 = phi i32 [ %262, %260 ], [ %273, %294 ], [ %273, %269 ], [ %273, %344 ], [ %273, %341 ]
  %356 = add nsw i32 %355, %102
  %357 = add nuw nsw i64 %101, 1
  %358 = icmp eq i64 %357, %99
  br i1 %358, label %369, label %100, !llvm.loop !36

359:                                              ; preds = %109, %117
  %360 = trunc nuw nsw i64 %101 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %361 = shl i32 %360, 8
  %362 = add i32 %361, 257
  br label %706

363:                                              ; preds = %157, %148, %134, %139, %171, %244
  %364 = phi i32 [ 5, %244 ], [ 4, %171 ], [ 3, %139 ], [ 3, %134 ], [ 4, %157 ], [ 1, %148 ]
  %365 = trunc nuw nsw i64 %101 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %366 = shl i32 %365, 8
  %367 = add i32 %366, 256
  %368 = or disjoint i32 %364, %367
  br label %706

369:                                              ; preds = %353, %93
  %370 = phi i32 [ 0, %93 ], [ %354, %353 ]
  %371 = load atomic i32, ptr @level_known monotonic, align 4
  %372 = icmp eq i32 %371, 0
  br i1 %372, label %373, label %413

373:                                              ; preds = %369
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %9) #11
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %10) #11
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %11) #11
  call void @kdsl_cpuid(i32 noundef 0, i32 noundef 0, ptr noundef nonnull %9) #10
  %374 = load i32, ptr %9, align 16, !tbaa !7
  call void @kdsl_cpuid(i32 noundef 1, i32 noundef 0, ptr noundef nonnull %9) #10
  call void @kdsl_cpuid(i32 noundef -2147483647, i32 noundef 0, ptr noundef nonnull %11) #10
  %375 = getelementptr inbounds i8, ptr %9, i64 8
  %376 = load i32, ptr %375, align 8, !tbaa !7
  %377 = and i32 %376, 9970177
  %378 = icmp eq i32 %377, 9970177
  br i1 %378, label %379, label %408

379:                                              ; preds = %373
  %380 = getelementptr inbounds i8, ptr %11, i64 8
  %381 = load i32, ptr %380, align 8, !tbaa !7
  %382 = and i32 %381, 1
  %383 = icmp eq i32 %382, 0
  br i1 %383, label %408, label %384

384:                                              ; preds = %379
  %385 = and i32 %376, 943722496
  %386 = icmp ne i32 %385, 943722496
  %387 = icmp ult i32 %374, 7
  %388 = select i1 %386, i1 true, i1 %387
  %389 = and i32 %381, 32
  %390 = icmp eq i32 %389, 0
  %391 = or i1 %388, %390
  br i1 %391, label %408, label %392

392:                                              ; preds = %384
  %393 = call i64 @kdsl_xgetbv() #10
  call void @kdsl_cpuid(i32 noundef 7, i32 noundef 0, ptr noundef nonnull %10) #10
  %394 = and i64 %393, 6
  %395 = icmp eq i64 %394, 6
  br i1 %395, label %396, label %408

396:                                              ; preds = %392
  %397 = getelementptr inbounds i8, ptr %10, i64 4
  %398 = load i32, ptr %397, align 4
  %399 = and i32 %398, 296
  %400 = icmp eq i32 %399, 296
  br i1 %400, label %401, label %408

401:                                              ; preds = %396
  %402 = and i64 %393, 230
  %403 = icmp eq i64 %402, 230
  %404 = and i32 %398, -805109760
  %405 = icmp eq i32 %404, -805109760
  %406 = and i1 %403, %405
  %407 = select i1 %406, i32 4, i32 3
  br label %408

408:                                              ; preds = %401, %396, %392, %384, %379, %373
  %409 = phi i32 [ 1, %379 ], [ 1, %373 ], [ 2, %384 ], [ %407, %401 ], [ 2, %396 ], [ 2, %392 ]
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %11) #11
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %10) #11
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %9) #11
  store atomic i32 %409, ptr @level_known monotonic, align 4
  %410 = load i64, ptr %16, align 8, !tbaa !3
  %411 = load i64, ptr %27, align 8, !tbaa !3
  %412 = load i64, ptr %52, align 8, !tbaa !3
  br label %413

413:                                              ; preds = %408, %369
  %414 = phi i64 [ %53, %369 ], [ %412, %408 ]
  %415 = phi i64 [ %28, %369 ], [ %411, %408 ]
  %416 = phi i64 [ %19, %369 ], [ %410, %408 ]
  %417 = phi i32 [ %371, %369 ], [ %409, %408 ]
  %418 = getelementptr inbounds i8, ptr %0, i64 20
  %419 = load i32, ptr %418, align 4, !tbaa !37
  %420 = icmp sgt i32 %419, 0
  br i1 %420, label %421, label %706

421:                                              ; preds = %413
  %422 = load i64, ptr %63, align 8, !tbaa !3
  %423 = load i64, ptr %50, align 8, !tbaa !3
  %424 = mul nsw i64 %423, %414
  %425 = icmp ne i64 %422, %424
  %426 = load i64, ptr %17, align 8, !tbaa !3
  %427 = load i64, ptr %1, align 8, !tbaa !3
  %428 = mul nsw i64 %427, %416
  %429 = icmp ne i64 %426, %428
  %430 = load i64, ptr %38, align 8, !tbaa !3
  %431 = load i64, ptr %25, align 8, !tbaa !3
  %432 = mul nsw i64 %431, %415
  %433 = icmp ne i64 %430, %432
  %434 = getelementptr inbounds i8, ptr %0, i64 8
  %435 = load ptr, ptr %434, align 8, !tbaa !38
  %436 = zext nneg i32 %419 to i64
  %437 = mul nsw i64 %414, %415
  %438 = icmp sgt i64 %437, 1
  br label %439

439:                                              ; preds = %495, %421
  %440 = phi i64 [ 0, %421 ], [ %497, %495 ]
  %441 = phi ptr [ null, %421 ], [ %496, %495 ]
  %442 = getelementptr inbounds %struct.Way, ptr %435, i64 %440
  %443 = getelementptr inbounds i8, ptr %442, i64 40
  %444 = load i32, ptr %443, align 8, !tbaa !39
  %445 = icmp sgt i32 %444, %417
  br i1 %445, label %495, label %446

446:                                              ; preds = %439
  %447 = getelementptr inbounds i8, ptr %442, i64 44
  %448 = load i32, ptr %447, align 4, !tbaa !42
  %449 = icmp eq i32 %448, %370
  br i1 %449, label %450, label %495

450:                                              ; preds = %446
  %451 = icmp eq ptr %441, null
  br i1 %451, label %456, label %452

452:                                              ; preds = %450
  %453 = getelementptr inbounds i8, ptr %441, i64 40
  %454 = load i32, ptr %453, align 8, !tbaa !39
  %455 = icmp slt i32 %444, %454
  br i1 %455, label %501, label %456

456:                                              ; preds = %452, %450
  %457 = getelementptr inbounds i8, ptr %442, i64 60
  %458 = load i32, ptr %457, align 4, !tbaa !43
  %459 = icmp eq i32 %458, 0
  br i1 %459, label %468, label %460

460:                                              ; preds = %456
  %461 = getelementptr inbounds i8, ptr %442, i64 56
  %462 = load i32, ptr %461, align 8, !tbaa !44
  %463 = add nsw i32 %462, -1
  %464 = sext i32 %463 to i64
  %465 = and i64 %416, %464
  %466 = icmp ne i64 %465, 0
  %467 = select i1 %466, i1 %438, i1 false
  br label %468

468:                                              ; preds = %460, %456
  %469 = phi i1 [ false, %456 ], [ %467, %460 ]
  %470 = zext i1 %469 to i32
  %471 = getelementptr inbounds i8, ptr %442, i64 48
  %472 = load i32, ptr %471, align 8, !tbaa !45
  %473 = icmp eq i32 %472, %470
  br i1 %473, label %474, label %495

474:                                              ; preds = %468
  %475 = getelementptr inbounds i8, ptr %442, i64 64
  %476 = load i32, ptr %475, align 8, !tbaa !7
  %477 = icmp eq i32 %476, 0
  %478 = select i1 %477, i1 true, i1 %425
  %479 = select i1 %478, i1 true, i1 %433
  %480 = select i1 %479, i1 true, i1 %429
  %481 = select i1 %477, ptr %442, ptr %441
  br i1 %480, label %495, label %482

482:                                              ; preds = %474
  %483 = sext i32 %476 to i64
  %484 = icmp eq i64 %416, %483
  br i1 %484, label %485, label %495

485:                                              ; preds = %482
  %486 = getelementptr inbounds i8, ptr %442, i64 68
  %487 = load i32, ptr %486, align 4, !tbaa !7
  %488 = sext i32 %487 to i64
  %489 = icmp eq i64 %415, %488
  br i1 %489, label %490, label %495

490:                                              ; preds = %485
  %491 = getelementptr inbounds i8, ptr %442, i64 72
  %492 = load i32, ptr %491, align 8, !tbaa !7
  %493 = sext i32 %492 to i64
  %494 = icmp eq i64 %414, %493
  br i1 %494, label %501, label %495

495:                                              ; preds = %490, %485, %482, %474, %468, %446, %439
  %496 = phi ptr [ %441, %490 ], [ %481, %474 ], [ %441, %482 ], [ %441, %485 ], [ %441, %468 ], [ %441, %439 ], [ %441, %446 ]
  %497 = add nuw nsw i64 %440, 1
  %498 = icmp eq i64 %497, %436
  br i1 %498, label %499, label %439, !llvm.loop !46

499:                                              ; preds = %495
  %500 = icmp eq ptr %496, null
  br i1 %500, label %706, label %501

501:                                              ; preds = %490, %452, %499
  %502 = phi ptr [ %496, %499 ], [ %441, %452 ], [ %442, %490 ]
  %503 = icmp eq i64 %426, 0
  %504 = icmp eq i64 %430, 0
  %505 = select i1 %503, i1 true, i1 %504
  %506 = icmp eq i64 %422, 0
  %507 = select i1 %505, i1 true, i1 %506
  br i1 %507, label %706, label %508

508:                                              ; preds = %501
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %6) #11
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef nonnull readonly %502, ptr noundef nonnull readonly %1, i64 noundef 1) #12
  %509 = getelementptr inbounds i8, ptr %6, i64 28
  %510 = load i32, ptr %509, align 4, !tbaa !47
  %511 = icmp eq i32 %510, 0
  br i1 %511, label %512, label %606

512:                                              ; preds = %508
  %513 = load ptr, ptr @others, align 8, !tbaa !9
  %514 = icmp eq ptr %513, null
  br i1 %514, label %517, label %515

515:                                              ; preds = %512
  %516 = load i64, ptr @others_workers, align 8, !tbaa !3
  br label %602

517:                                              ; preds = %512
  %518 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %519 = extractvalue { i32, i1 } %518, 1
  br i1 %519, label %520, label %597

520:                                              ; preds = %517
  %521 = load i32, ptr @wanted, align 4, !tbaa !7
  %522 = icmp sgt i32 %521, 0
  br i1 %522, label %523, label %525

523:                                              ; preds = %520
  %524 = zext nneg i32 %521 to i64
  br label %564

525:                                              ; preds = %520
  %526 = call ptr @getenv(ptr noundef nonnull @.str.9) #10
  %527 = icmp eq ptr %526, null
  br i1 %527, label %549, label %528

528:                                              ; preds = %525
  %529 = load i8, ptr %526, align 1, !tbaa !33
  %530 = icmp sgt i8 %529, 47
  br i1 %530, label %531, label %549

531:                                              ; preds = %528, %538
  %532 = phi i8 [ %544, %538 ], [ %529, %528 ]
  %533 = phi ptr [ %540, %538 ], [ %526, %528 ]
  %534 = phi i64 [ %543, %538 ], [ 0, %528 ]
  %535 = icmp ult i8 %532, 58
  %536 = icmp slt i64 %534, 1024
  %537 = select i1 %535, i1 %536, i1 false
  br i1 %537, label %538, label %546

538:                                              ; preds = %531
  %539 = mul nsw i64 %534, 10
  %540 = getelementptr inbounds i8, ptr %533, i64 1
  %541 = add nsw i8 %532, -48
  %542 = zext nneg i8 %541 to i64
  %543 = add nsw i64 %539, %542
  %544 = load i8, ptr %540, align 1, !tbaa !33
  %545 = icmp sgt i8 %544, 47
  br i1 %545, label %531, label %546

546:                                              ; preds = %538, %531
  %547 = phi i64 [ %543, %538 ], [ %534, %531 ]
  %548 = icmp sgt i64 %547, 0
  br i1 %548, label %564, label %549

549:                                              ; preds = %546, %528, %525
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %550 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #10
  %551 = icmp sgt i32 %550, -1
  br i1 %551, label %552, label %561

552:                                              ; preds = %549, %552
  %553 = phi i64 [ %559, %552 ], [ 0, %549 ]
  %554 = phi i64 [ %558, %552 ], [ 0, %549 ]
  %555 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %553
  %556 = load i64, ptr %555, align 8, !tbaa !3
  %557 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %556)
  %558 = add nuw nsw i64 %557, %554
  %559 = add nuw nsw i64 %553, 1
  %560 = icmp eq i64 %559, 128
  br i1 %560, label %561, label %552, !llvm.loop !49

561:                                              ; preds = %552, %549
  %562 = phi i64 [ 0, %549 ], [ %558, %552 ]
  %563 = call i64 @llvm.smax.i64(i64 %562, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #11
  br label %564

564:                                              ; preds = %561, %546, %523
  %565 = phi i64 [ %524, %523 ], [ %563, %561 ], [ %547, %546 ]
  %566 = call i64 @llvm.umin.i64(i64 %565, i64 1024)
  %567 = icmp ugt i64 %565, 1
  br i1 %567, label %570, label %568

568:                                              ; preds = %564
  %569 = load i64, ptr @started, align 8, !tbaa !3
  br label %593

570:                                              ; preds = %564
  %571 = load i1, ptr @workers.registered, align 4
  br i1 %571, label %574, label %572

572:                                              ; preds = %570
  store i1 true, ptr @workers.registered, align 4
  %573 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #10
  br label %574

574:                                              ; preds = %572, %570
  %575 = add nsw i64 %566, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %576 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #10
  %577 = icmp sgt i32 %576, -1
  br i1 %577, label %578, label %587

578:                                              ; preds = %574, %578
  %579 = phi i64 [ %585, %578 ], [ 0, %574 ]
  %580 = phi i64 [ %584, %578 ], [ 0, %574 ]
  %581 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %579
  %582 = load i64, ptr %581, align 8, !tbaa !3
  %583 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %582)
  %584 = add nuw nsw i64 %583, %580
  %585 = add nuw nsw i64 %579, 1
  %586 = icmp eq i64 %585, 128
  br i1 %586, label %587, label %578, !llvm.loop !49

587:                                              ; preds = %578, %574
  %588 = phi i64 [ 0, %574 ], [ %584, %578 ]
  %589 = call i64 @llvm.smax.i64(i64 %588, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #11
  %590 = icmp ugt i64 %566, %589
  %591 = select i1 %590, i32 20, i32 2000
  %592 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %575, i32 noundef %591) #10
  store i64 %592, ptr @started, align 8, !tbaa !3
  br label %593

593:                                              ; preds = %587, %568
  %594 = phi i64 [ %569, %568 ], [ %592, %587 ]
  %595 = icmp eq i64 %594, 0
  %596 = select i1 %595, i32 3, i32 2
  store atomic i32 %596, ptr @state release, align 4
  br label %597

597:                                              ; preds = %593, %517
  %598 = load atomic i32, ptr @state acquire, align 4
  %599 = icmp eq i32 %598, 2
  %600 = load i64, ptr @started, align 8
  %601 = add nsw i64 %600, 1
  br i1 %599, label %602, label %606

602:                                              ; preds = %597, %515
  %603 = phi i64 [ %516, %515 ], [ %601, %597 ]
  %604 = icmp sgt i64 %603, 1
  br i1 %604, label %605, label %606

605:                                              ; preds = %602
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef readonly %502, ptr noundef nonnull readonly %1, i64 noundef %603) #12
  br label %606

606:                                              ; preds = %605, %602, %597, %508
  %607 = phi i64 [ 1, %508 ], [ %603, %605 ], [ %603, %602 ], [ 1, %597 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %7) #11
  %608 = load i64, ptr %1, align 8, !tbaa !3
  store i64 %608, ptr %7, align 16, !tbaa !3
  %609 = getelementptr inbounds i8, ptr %7, i64 8
  %610 = load i64, ptr %25, align 8, !tbaa !3
  store i64 %610, ptr %609, align 8, !tbaa !3
  %611 = getelementptr inbounds i8, ptr %7, i64 16
  %612 = load i64, ptr %50, align 8, !tbaa !3
  store i64 %612, ptr %611, align 16, !tbaa !3
  %613 = getelementptr inbounds i8, ptr %7, i64 24
  %614 = load i64, ptr %16, align 8, !tbaa !3
  store i64 %614, ptr %613, align 8, !tbaa !3
  %615 = getelementptr inbounds i8, ptr %7, i64 32
  %616 = load i64, ptr %27, align 8, !tbaa !3
  store i64 %616, ptr %615, align 16, !tbaa !3
  %617 = getelementptr inbounds i8, ptr %7, i64 40
  %618 = load i64, ptr %52, align 8, !tbaa !3
  store i64 %618, ptr %617, align 8, !tbaa !3
  %619 = getelementptr inbounds i8, ptr %7, i64 48
  %620 = load i64, ptr %17, align 8, !tbaa !3
  store i64 %620, ptr %619, align 16, !tbaa !3
  %621 = getelementptr inbounds i8, ptr %7, i64 56
  %622 = load i64, ptr %38, align 8, !tbaa !3
  store i64 %622, ptr %621, align 8, !tbaa !3
  %623 = getelementptr inbounds i8, ptr %7, i64 64
  %624 = load i64, ptr %63, align 8, !tbaa !3
  store i64 %624, ptr %623, align 16, !tbaa !3
  %625 = getelementptr inbounds i8, ptr %7, i64 72
  %626 = getelementptr inbounds i8, ptr %6, i64 16
  %627 = load i64, ptr %626, align 8, !tbaa !50
  store i64 %627, ptr %625, align 8, !tbaa !3
  %628 = getelementptr inbounds i8, ptr %7, i64 80
  store i64 0, ptr %628, align 16, !tbaa !3
  %629 = getelementptr inbounds i8, ptr %7, i64 88
  store i64 0, ptr %629, align 8, !tbaa !3
  %630 = getelementptr inbounds i8, ptr %7, i64 96
  store i64 0, ptr %630, align 16, !tbaa !3
  %631 = getelementptr inbounds i8, ptr %7, i64 104
  %632 = getelementptr inbounds i8, ptr %6, i64 32
  %633 = load i32, ptr %632, align 8, !tbaa !51
  %634 = sext i32 %633 to i64
  store i64 %634, ptr %631, align 8, !tbaa !3
  %635 = getelementptr inbounds i8, ptr %7, i64 112
  store i64 0, ptr %635, align 16, !tbaa !3
  %636 = getelementptr inbounds i8, ptr %7, i64 120
  store i64 0, ptr %636, align 8, !tbaa !3
  %637 = getelementptr inbounds i8, ptr %502, i64 16
  %638 = load i64, ptr %637, align 8, !tbaa !52
  %639 = icmp eq i64 %638, 0
  %640 = getelementptr inbounds i8, ptr %502, i64 24
  %641 = load i64, ptr %640, align 8, !tbaa !53
  %642 = icmp eq i64 %641, 0
  %643 = select i1 %639, i1 %642, i1 false
  br i1 %643, label %644, label %647

644:                                              ; preds = %606
  %645 = getelementptr inbounds i8, ptr %6, i64 24
  %646 = load i32, ptr %645, align 8, !tbaa !54
  br label %671

647:                                              ; preds = %606
  %648 = getelementptr inbounds i8, ptr %502, i64 56
  %649 = load i32, ptr %648, align 8, !tbaa !44
  %650 = sext i32 %649 to i64
  %651 = add i64 %614, -1
  %652 = add i64 %651, %650
  %653 = sub nsw i64 0, %650
  %654 = and i64 %652, %653
  %655 = add i64 %638, 63
  %656 = mul i64 %618, %616
  %657 = mul i64 %656, %641
  %658 = mul i64 %657, %654
  %659 = or i64 %655, 63
  %660 = add i64 %658, %659
  %661 = and i64 %660, -64
  %662 = getelementptr inbounds i8, ptr %6, i64 24
  %663 = load i32, ptr %662, align 8, !tbaa !54
  %664 = icmp eq i32 %663, 0
  %665 = select i1 %664, i64 1, i64 %607
  %666 = mul nsw i64 %661, %665
  %667 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %666) #10
  %668 = icmp eq ptr %667, null
  br i1 %668, label %704, label %669

669:                                              ; preds = %647
  %670 = ptrtoint ptr %667 to i64
  store i64 %670, ptr %628, align 16, !tbaa !3
  store i64 %661, ptr %629, align 8, !tbaa !3
  br label %671

671:                                              ; preds = %669, %644
  %672 = phi i32 [ %663, %669 ], [ %646, %644 ]
  %673 = phi ptr [ %667, %669 ], [ null, %644 ]
  %674 = icmp ne i32 %672, 0
  %675 = load ptr, ptr @others, align 8
  %676 = icmp ne ptr %675, null
  %677 = select i1 %674, i1 %676, i1 false
  br i1 %677, label %678, label %691

678:                                              ; preds = %671
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %8) #11
  %679 = load ptr, ptr %502, align 8, !tbaa !55
  store ptr %679, ptr %8, align 8, !tbaa !56
  %680 = getelementptr inbounds i8, ptr %8, i64 8
  store ptr %13, ptr %680, align 8, !tbaa !58
  %681 = getelementptr inbounds i8, ptr %8, i64 16
  store ptr %7, ptr %681, align 8, !tbaa !59
  %682 = getelementptr inbounds i8, ptr %8, i64 24
  %683 = load i64, ptr %6, align 8, !tbaa !60
  store i64 %683, ptr %682, align 8, !tbaa !61
  %684 = getelementptr inbounds i8, ptr %8, i64 32
  %685 = getelementptr inbounds i8, ptr %6, i64 8
  %686 = load i64, ptr %685, align 8, !tbaa !62
  store i64 %686, ptr %684, align 8, !tbaa !63
  %687 = load ptr, ptr @others_context, align 8, !tbaa !9
  %688 = add i64 %683, -1
  %689 = add i64 %688, %686
  %690 = sdiv i64 %689, %686
  call void %675(ptr noundef %687, ptr noundef nonnull @piece, ptr noundef nonnull %8, i64 noundef %690) #10
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %8) #11
  br label %701

691:                                              ; preds = %671
  %692 = load i64, ptr %6, align 8, !tbaa !60
  br i1 %674, label %693, label %699

693:                                              ; preds = %691
  %694 = load ptr, ptr %502, align 8, !tbaa !55
  %695 = getelementptr inbounds i8, ptr %6, i64 8
  %696 = load i64, ptr %695, align 8, !tbaa !62
  %697 = call i64 @kdsl_pool_run(ptr noundef %694, ptr noundef nonnull %13, ptr noundef nonnull %7, i64 noundef %692, i64 noundef %696) #10
  %698 = icmp eq i64 %697, 0
  br i1 %698, label %699, label %701

699:                                              ; preds = %693, %691
  %700 = load ptr, ptr %502, align 8, !tbaa !55
  call void %700(ptr noundef nonnull %13, ptr noundef nonnull %7, i64 noundef 0, i64 noundef %692, i64 noundef 0) #10
  br label %701

701:                                              ; preds = %699, %693, %678
  %702 = icmp eq ptr %673, null
  br i1 %702, label %704, label %703

703:                                              ; preds = %701
  call void @free(ptr noundef nonnull %673) #10
  br label %704

704:                                              ; preds = %647, %701, %703
  %705 = phi i32 [ 0, %703 ], [ 0, %701 ], [ 6, %647 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %7) #11
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %6) #11
  br label %706

706:                                              ; preds = %363, %413, %74, %15, %83, %78, %24, %33, %37, %43, %49, %58, %62, %68, %359, %265, %704, %499, %501, %89, %3
  %707 = phi i32 [ %368, %363 ], [ 1, %3 ], [ 2, %89 ], [ %705, %704 ], [ 7, %499 ], [ 0, %501 ], [ %268, %265 ], [ %362, %359 ], [ 2, %68 ], [ 2, %62 ], [ 2, %58 ], [ 2, %49 ], [ 2, %43 ], [ 2, %37 ], [ 2, %33 ], [ 2, %24 ], [ 2, %78 ], [ 2, %83 ], [ 2, %15 ], [ 2, %74 ], [ 7, %413 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %13) #11
  ret i32 %707
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

declare void @kdsl_cpuid(i32 noundef, i32 noundef, ptr noundef) local_unnamed_addr #2

declare i64 @kdsl_xgetbv() local_unnamed_addr #2

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, ptr nocapture noundef readonly %2, i64 noundef %3) unnamed_addr #0 {
  %5 = getelementptr inbounds i8, ptr %2, i64 48
  %6 = load i64, ptr %5, align 8, !tbaa !3
  %7 = getelementptr inbounds i8, ptr %2, i64 56
  %8 = load i64, ptr %7, align 8, !tbaa !3
  %9 = getelementptr inbounds i8, ptr %2, i64 64
  %10 = load i64, ptr %9, align 8, !tbaa !3
  %11 = mul nsw i64 %10, %8
  %12 = mul nsw i64 %11, %6
  %13 = getelementptr inbounds i8, ptr %1, i64 8
  %14 = load double, ptr %13, align 8, !tbaa !64
  %15 = fcmp ogt double %14, 1.000000e-02
  %16 = select i1 %15, double %14, double 1.000000e-02
  %17 = getelementptr inbounds i8, ptr %0, i64 8
  %18 = getelementptr inbounds i8, ptr %0, i64 16
  %19 = getelementptr inbounds i8, ptr %1, i64 56
  %20 = load i32, ptr %19, align 8, !tbaa !44
  %21 = sext i32 %20 to i64
  store i64 %21, ptr %18, align 8, !tbaa !50
  %22 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %22, align 8, !tbaa !54
  %23 = getelementptr inbounds i8, ptr %0, i64 28
  %24 = sitofp i64 %12 to double
  %25 = fmul double %16, %24
  %26 = fcmp olt double %25, 1.500000e+04
  %27 = zext i1 %26 to i32
  store i32 %27, ptr %23, align 4, !tbaa !47
  %28 = getelementptr inbounds i8, ptr %0, i64 32
  store i32 0, ptr %28, align 8, !tbaa !51
  %29 = icmp eq i64 %3, 1
  %30 = or i1 %29, %26
  %31 = getelementptr inbounds i8, ptr %1, i64 52
  %32 = load i32, ptr %31, align 4, !tbaa !65
  %33 = icmp eq i32 %32, 0
  br i1 %33, label %34, label %69

34:                                               ; preds = %4
  %35 = getelementptr inbounds i8, ptr %2, i64 24
  %36 = load i64, ptr %35, align 8, !tbaa !3
  %37 = getelementptr inbounds i8, ptr %2, i64 32
  %38 = load i64, ptr %37, align 8, !tbaa !3
  %39 = mul nsw i64 %38, %36
  %40 = getelementptr inbounds i8, ptr %2, i64 40
  %41 = load i64, ptr %40, align 8, !tbaa !3
  %42 = mul nsw i64 %39, %41
  %43 = load i64, ptr %2, align 8, !tbaa !3
  %44 = getelementptr inbounds i8, ptr %2, i64 8
  %45 = load i64, ptr %44, align 8, !tbaa !3
  %46 = mul nsw i64 %45, %43
  %47 = getelementptr inbounds i8, ptr %2, i64 16
  %48 = load i64, ptr %47, align 8, !tbaa !3
  %49 = mul nsw i64 %46, %48
  store i64 %49, ptr %0, align 8, !tbaa !60
  %50 = uitofp nneg i64 %3 to double
  %51 = fdiv double 1.000000e+04, %16
  %52 = fdiv double 2.000000e+05, %16
  %53 = fmul double %50, 4.000000e+00
  %54 = fdiv double %24, %53
  %55 = fcmp olt double %54, %52
  %56 = select i1 %55, double %54, double %52
  %57 = fcmp ogt double %51, %56
  %58 = select i1 %57, double %51, double %56
  %59 = sitofp i64 %42 to double
  %60 = fdiv double %58, %59
  %61 = fptosi double %60 to i64
  %62 = icmp slt i64 %61, 1
  %63 = tail call i64 @llvm.smin.i64(i64 %49, i64 %61)
  %64 = select i1 %62, i64 1, i64 %63
  store i64 %64, ptr %17, align 8, !tbaa !62
  %65 = icmp sgt i64 %49, %64
  %66 = xor i1 %30, true
  %67 = select i1 %66, i1 %65, i1 false
  %68 = zext i1 %67 to i32
  store i32 %68, ptr %22, align 8, !tbaa !54
  br label %175

69:                                               ; preds = %4
  %70 = add i64 %6, -1
  %71 = add i64 %70, %21
  %72 = sub nsw i64 0, %21
  %73 = and i64 %71, %72
  %74 = getelementptr inbounds i8, ptr %1, i64 76
  %75 = load i32, ptr %74, align 4, !tbaa !66
  %76 = sext i32 %75 to i64
  %77 = add i64 %8, -1
  %78 = add i64 %77, %76
  %79 = sdiv i64 %78, %76
  %80 = mul nsw i64 %79, %10
  %81 = getelementptr inbounds i8, ptr %1, i64 32
  %82 = load i64, ptr %81, align 8, !tbaa !67
  %83 = icmp eq i64 %82, 0
  br i1 %83, label %95, label %84

84:                                               ; preds = %69
  %85 = mul nsw i64 %82, %6
  %86 = icmp sgt i64 %85, 4095
  br i1 %86, label %87, label %95

87:                                               ; preds = %84
  %88 = mul nsw i64 %85, %11
  %89 = tail call i64 @sysconf(i32 noundef 194) #10
  %90 = icmp sgt i64 %89, 0
  %91 = sdiv i64 %89, 2
  %92 = select i1 %90, i64 %91, i64 16777216
  %93 = icmp sgt i64 %88, %92
  %94 = zext i1 %93 to i32
  br label %95

95:                                               ; preds = %69, %84, %87
  %96 = phi i32 [ 0, %69 ], [ 0, %84 ], [ %94, %87 ]
  store i32 %96, ptr %28, align 8, !tbaa !51
  br i1 %30, label %97, label %98

97:                                               ; preds = %95
  store i64 %80, ptr %17, align 8, !tbaa !62
  store i64 %80, ptr %0, align 8, !tbaa !60
  store i64 %73, ptr %18, align 8, !tbaa !50
  br label %175

98:                                               ; preds = %95
  %99 = uitofp nneg i64 %3 to double
  %100 = fdiv double 1.000000e+04, %16
  %101 = fdiv double 2.000000e+05, %16
  %102 = fmul double %99, 4.000000e+00
  %103 = fdiv double %24, %102
  %104 = fcmp olt double %103, %101
  %105 = select i1 %104, double %103, double %101
  %106 = fcmp ogt double %100, %105
  %107 = select i1 %106, double %100, double %105
  %108 = load i32, ptr %74, align 4, !tbaa !66
  %109 = sitofp i32 %108 to double
  %110 = fdiv double %107, %109
  %111 = fcmp olt double %110, 6.553600e+04
  %112 = fptosi double %110 to i64
  %113 = tail call i64 @llvm.smin.i64(i64 %112, i64 65535)
  %114 = load i32, ptr %19, align 8, !tbaa !44
  %115 = sext i32 %114 to i64
  %116 = select i1 %111, i64 %113, i64 65535
  %117 = add i64 %116, %115
  %118 = sub nsw i64 0, %115
  %119 = and i64 %117, %118
  %120 = tail call i64 @llvm.smin.i64(i64 %119, i64 %73)
  %121 = add i64 %120, %70
  %122 = sdiv i64 %121, %120
  %123 = mul nsw i64 %122, %80
  %124 = shl nsw i64 %3, 4
  %125 = icmp sgt i64 %123, %124
  br i1 %125, label %163, label %126

126:                                              ; preds = %98
  %127 = shl nsw i64 %122, 1
  %128 = icmp sgt i64 %122, %127
  br i1 %128, label %163, label %129

129:                                              ; preds = %126
  %130 = add nsw i64 %115, -1
  %131 = add i64 %3, -1
  br label %132

132:                                              ; preds = %154, %129
  %133 = phi i64 [ %120, %129 ], [ %156, %154 ]
  %134 = phi i64 [ %122, %129 ], [ %157, %154 ]
  %135 = phi i64 [ -1, %129 ], [ %155, %154 ]
  %136 = add i64 %134, %70
  %137 = sdiv i64 %136, %134
  %138 = add i64 %130, %137
  %139 = and i64 %138, %118
  %140 = add i64 %139, %70
  %141 = sdiv i64 %140, %139
  %142 = mul nsw i64 %141, %80
  %143 = add i64 %131, %142
  %144 = sdiv i64 %143, %3
  %145 = mul nsw i64 %139, %144
  %146 = icmp slt i64 %135, 0
  %147 = icmp slt i64 %145, %135
  %148 = select i1 %146, i1 true, i1 %147
  br i1 %148, label %153, label %149

149:                                              ; preds = %132
  %150 = icmp eq i64 %145, %135
  %151 = icmp sgt i64 %139, %133
  %152 = select i1 %150, i1 %151, i1 false
  br i1 %152, label %153, label %154

153:                                              ; preds = %149, %132
  br label %154

154:                                              ; preds = %153, %149
  %155 = phi i64 [ %145, %153 ], [ %135, %149 ]
  %156 = phi i64 [ %139, %153 ], [ %133, %149 ]
  %157 = add i64 %134, 1
  %158 = icmp eq i64 %134, %127
  br i1 %158, label %159, label %132, !llvm.loop !68

159:                                              ; preds = %154
  %160 = add i64 %156, %70
  %161 = sdiv i64 %160, %156
  %162 = mul nsw i64 %161, %80
  br label %163

163:                                              ; preds = %159, %98, %126
  %164 = phi i64 [ %162, %159 ], [ %123, %98 ], [ %123, %126 ]
  %165 = phi i64 [ %156, %159 ], [ %120, %98 ], [ %120, %126 ]
  store i64 %165, ptr %18, align 8, !tbaa !50
  store i64 %164, ptr %0, align 8, !tbaa !60
  %166 = tail call i64 @llvm.smin.i64(i64 %165, i64 %6)
  %167 = sext i32 %108 to i64
  %168 = mul nsw i64 %166, %167
  %169 = sitofp i64 %168 to double
  %170 = fdiv double %107, %169
  %171 = fptosi double %170 to i64
  %172 = tail call i64 @llvm.smax.i64(i64 %171, i64 1)
  store i64 %172, ptr %17, align 8, !tbaa !62
  %173 = icmp sgt i64 %164, %172
  %174 = zext i1 %173 to i32
  store i32 %174, ptr %22, align 8, !tbaa !54
  br label %175

175:                                              ; preds = %97, %163, %34
  ret void
}

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !63
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !56
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !58
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !59
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !61
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #10
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #6 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !3
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #7

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #9

attributes #0 = { nounwind "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #7 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #8 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #9 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #10 = { nobuiltin nounwind "no-builtins" }
attributes #11 = { nounwind }
attributes #12 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!3 = !{!4, !4, i64 0}
!4 = !{!"long", !5, i64 0}
!5 = !{!"omnipotent char", !6, i64 0}
!6 = !{!"Simple C/C++ TBAA"}
!7 = !{!8, !8, i64 0}
!8 = !{!"int", !5, i64 0}
!9 = !{!10, !10, i64 0}
!10 = !{!"any pointer", !5, i64 0}
!11 = !{!12, !8, i64 16}
!12 = !{!"", !10, i64 0, !10, i64 8, !8, i64 16, !8, i64 20}
!13 = !{!12, !10, i64 0}
!14 = !{!15, !8, i64 0}
!15 = !{!"", !8, i64 0, !8, i64 4, !8, i64 8, !8, i64 12, !8, i64 16, !8, i64 20}
!16 = !{!15, !8, i64 8}
!17 = !{!18, !10, i64 8}
!18 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16}
!19 = !{!15, !8, i64 4}
!20 = distinct !{!20, !21}
!21 = !{!"llvm.loop.mustprogress"}
!22 = !{!18, !10, i64 16}
!23 = !{!18, !10, i64 0}
!24 = !{!15, !8, i64 16}
!25 = distinct !{!25, !21}
!26 = !{!15, !8, i64 12}
!27 = !{!15, !8, i64 20}
!28 = distinct !{!28, !21}
!29 = distinct !{!29, !21}
!30 = distinct !{!30, !31}
!31 = !{!"llvm.loop.unroll.disable"}
!32 = distinct !{!32, !21}
!33 = !{!5, !5, i64 0}
!34 = distinct !{!34, !21}
!35 = distinct !{!35, !31}
!36 = distinct !{!36, !21}
!37 = !{!12, !8, i64 20}
!38 = !{!12, !10, i64 8}
!39 = !{!40, !8, i64 40}
!40 = !{!"", !10, i64 0, !41, i64 8, !4, i64 16, !4, i64 24, !4, i64 32, !8, i64 40, !8, i64 44, !8, i64 48, !8, i64 52, !8, i64 56, !8, i64 60, !5, i64 64, !8, i64 76}
!41 = !{!"double", !5, i64 0}
!42 = !{!40, !8, i64 44}
!43 = !{!40, !8, i64 60}
!44 = !{!40, !8, i64 56}
!45 = !{!40, !8, i64 48}
!46 = distinct !{!46, !21}
!47 = !{!48, !8, i64 28}
!48 = !{!"", !4, i64 0, !4, i64 8, !4, i64 16, !8, i64 24, !8, i64 28, !8, i64 32}
!49 = distinct !{!49, !21}
!50 = !{!48, !4, i64 16}
!51 = !{!48, !8, i64 32}
!52 = !{!40, !4, i64 16}
!53 = !{!40, !4, i64 24}
!54 = !{!48, !8, i64 24}
!55 = !{!40, !10, i64 0}
!56 = !{!57, !10, i64 0}
!57 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16, !4, i64 24, !4, i64 32}
!58 = !{!57, !10, i64 8}
!59 = !{!57, !10, i64 16}
!60 = !{!48, !4, i64 0}
!61 = !{!57, !4, i64 24}
!62 = !{!48, !4, i64 8}
!63 = !{!57, !4, i64 32}
!64 = !{!40, !41, i64 8}
!65 = !{!40, !8, i64 52}
!66 = !{!40, !8, i64 76}
!67 = !{!40, !4, i64 32}
!68 = distinct !{!68, !21}
